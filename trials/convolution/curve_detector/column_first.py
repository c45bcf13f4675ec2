"""The column comes before the row."""
# expect: misconception column before row
# %% find_solution
def find(image, kernel):
    h, w = kernel.shape
    best, place = -2, None
    for y in range(image.shape[0] - h + 1):
        for x in range(image.shape[1] - w + 1):
            value = correlation(image[y:y + h, x:x + w], kernel)
            if value > best:
                best, place = value, (x, y)
    return place
