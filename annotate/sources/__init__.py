"""Sources as received: bytes to text, text to segments, segments to documents."""
