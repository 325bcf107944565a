"""How the admin site shows the model: what Django offers for a list, on short pages."""

from __future__ import annotations

from django.contrib import admin

from tests.django_admin.models import Notice


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    list_display = ("number", "name", "day", "kind", "checked", "remarks")
    list_filter = ("kind", "checked")
    search_fields = ("number", "name")
    date_hierarchy = "day"
    list_per_page = 5
