# The texts of this area.
