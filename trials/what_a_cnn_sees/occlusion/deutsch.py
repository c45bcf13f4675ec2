"""Deutsche Kommentare, len(range), und der letzte Schritt in einer Zeile."""
# expect: full marks
# %% positions_solution
def positions(height, width, mask, stride):
    # linke obere Ecken: 0, stride, 2*stride, ... solange die Maske hineinpasst
    return len(range(0, height - mask + 1, stride)), len(range(0, width - mask + 1, stride))
# %% n_positions_solution
a, b = positions(224, 224, 26, 18)
n_positions = a * b
# %% most_important_solution
def most_important(drops, stride):
    # groesster Abfall, dann von Positionen zu Pixeln
    return tuple(int(x[0]) * stride for x in np.where(drops == drops.max()))
