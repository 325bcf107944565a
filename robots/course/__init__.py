"""The practice course (``banken learn``): exercises with texts, starting files and checks of what came of them."""
