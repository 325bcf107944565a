"""The app's name on the screen."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "tests.django_admin"
    label = "desk"
    verbose_name = "窓口"
