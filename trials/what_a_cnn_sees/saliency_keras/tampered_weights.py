"""A network with nicer weights."""
# expect: loses points
# %% scores_solution
model.set_weights([0.5 * weight for weight in model.get_weights()])

def scores(model, images):
    for layer in model.layers[:-1]:
        images = layer(images)
    return images
