"""From a chosen deployment to what AWS has to create for it: one intermediate form, from which everything is made."""
