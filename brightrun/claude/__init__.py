"""Everything that talks to the API: client, errors, prices, and the lane that sends calls."""
