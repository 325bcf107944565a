"""The gallery's input books, one file a scenario."""
