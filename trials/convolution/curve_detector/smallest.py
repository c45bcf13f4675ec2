"""argmin instead of argmax."""
# expect: misconception the smallest correlation
# %% find_solution
def find(image, kernel):
    h, w = kernel.shape
    places = [(y, x) for y in range(image.shape[0] - h + 1) for x in range(image.shape[1] - w + 1)]
    scores = [correlation(image[y:y + h, x:x + w], kernel) for y, x in places]
    return places[int(np.argmin(scores))]
