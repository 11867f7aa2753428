"""Figures from tidy tables: ``indices`` of sensitivity, ``responses`` to one factor, ``boxes``; one ``style`` for all.

Nothing is imported here, because the overview of a run needs the style and must not wait for the rest.
"""
