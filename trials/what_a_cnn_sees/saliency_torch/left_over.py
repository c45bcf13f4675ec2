"""Derivatives of the first call are added to those of the second."""
# expect: loses points
# %% saliency_solution
kept = {}

def saliency(model, image, label):
    x = kept.setdefault(image.tobytes(), torch.tensor(image[None], requires_grad=True))
    scores(model, x)[0, label].backward()
    return x.grad[0].abs().amax(dim=0).numpy()
