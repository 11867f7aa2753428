"""What readers get: figures, captions, the overview, the generated documentation. Simulates nothing."""
