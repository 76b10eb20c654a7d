"""The Compare page: verdict, cards, search, editor, pins."""
