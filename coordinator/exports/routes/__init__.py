"""Addresses of exports."""
