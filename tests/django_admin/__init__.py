"""A Django project of one model, whose admin site stands for a system that nobody here has drawn."""
