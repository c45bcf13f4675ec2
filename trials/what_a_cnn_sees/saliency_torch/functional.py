"""torch.func instead of tapes: vmap over the gradient of a function of one image."""
# expect: full marks
# %% scores_solution
def scores(model, images):
    """A network without its last child."""
    return torch.nn.Sequential(*list(model.children())[:-1])(images)
# %% saliency_solution
def saliency(model, image, label):
    """The gradient as a function of the image."""
    def one_score(x):
        return scores(model, x[None])[0, label]
    gradient = torch.func.grad(one_score)(torch.tensor(image))
    return gradient.detach().numpy().__abs__().max(0)
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    """vmap takes care of the batch."""
    def one_score(x, wanted):
        return (scores(model, x[None])[0] * wanted).sum()
    gradients = torch.func.vmap(torch.func.grad(one_score))(torch.tensor(images), torch.eye(10)[labels])
    return gradients.abs().amax(1).detach().numpy()
