"""What a model is asked about a conversation: a judge by a rubric, and a reader who sees only the text."""
