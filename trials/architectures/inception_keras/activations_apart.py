"""ReLU layers of their own, explicit zeros, one ReLU behind the concatenation."""
# expect: full marks
# %% module_solution
def inception(channels, f1, r3, f3, r5, f5, fp):
    x = keras.layers.Input(shape=(None, None, channels))
    red3 = layers.ReLU()(layers.Conv2D(r3, 1)(x))
    red5 = layers.ReLU()(layers.Conv2D(r5, 1)(x))
    b2 = layers.Conv2D(f3, 3)(layers.ZeroPadding2D(1)(red3))
    b3 = layers.Conv2D(f5, 5)(layers.ZeroPadding2D(2)(red5))
    b4 = layers.Conv2D(fp, 1)(layers.MaxPooling2D(pool_size=(3, 3), strides=1, padding="same")(x))
    b1 = layers.Conv2D(f1, 1)(x)
    y = layers.Activation("relu")(layers.concatenate([b1, b2, b3, b4], axis=3))
    return keras.Model(inputs=x, outputs=y, name="inception")
