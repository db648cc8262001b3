"""What commands print with ``--json``: the shape of each document, as types and as JSON Schema."""
