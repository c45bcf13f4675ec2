"""Plain Python loops everywhere, no NumPy arithmetic at all."""
# expect: full marks
# %% response_solution
def response(patch, kernel):
    total = 0.0
    for i in range(len(patch)):
        for j in range(len(patch[0])):
            total += float(patch[i][j]) * float(kernel[i][j])
    return total
# %% correlation_solution
def correlation(patch, kernel):
    a = [float(v) for row in patch for v in row]
    b = [float(v) for row in kernel for v in row]
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    top = sum((u - mean_a) * (v - mean_b) for u, v in zip(a, b))
    left = sum((u - mean_a) ** 2 for u in a)
    right = sum((v - mean_b) ** 2 for v in b)
    if left == 0 or right == 0:
        return 0
    return top / (left**0.5 * right**0.5)
# %% find_solution
def find(image, kernel):
    h, w = len(kernel), len(kernel[0])
    best = None
    where = None
    for r in range(len(image) - h + 1):
        for c in range(len(image[0]) - w + 1):
            here = correlation([line[c:c + w] for line in image[r:r + h]], kernel)
            if best is None or here > best:
                best = here
                where = (r, c)
    return where
