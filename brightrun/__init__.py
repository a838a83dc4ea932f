"""Bright Run: conversation datasets for fine-tuning, from a grid of personas, arcs and topics."""

__version__ = "0.1.0"
