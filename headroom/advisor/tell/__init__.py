"""The one narrator: results as plain sentences, made only from their numbers."""
