"""Presentation: figures, captions, the overview, printed tables and generated documentation; simulates nothing."""
