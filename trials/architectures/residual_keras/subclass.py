"""Ein eigenes keras.Model; tf.Variable und float32."""
# expect: full marks
# %% block_solution
class Block(keras.Model):
    def __init__(self, filter_zahl, schritt, mit_projektion):
        super().__init__()
        self.faltung1 = layers.Conv2D(filter_zahl, (3, 3), strides=(schritt, schritt), padding="same")
        self.faltung2 = layers.Conv2D(filter_zahl, (3, 3), padding="same")
        self.abkuerzung = layers.Conv2D(filter_zahl, (1, 1), strides=(schritt, schritt), use_bias=False) if mit_projektion else None

    def call(self, x):
        f = self.faltung2(keras.ops.relu(self.faltung1(x)))
        return f + (x if self.abkuerzung is None else self.abkuerzung(x))


def residual_block(kernel1, bias1, kernel2, bias2, projection=None, stride=1):
    b = Block(kernel1.shape[-1], stride, projection is not None)
    b(np.zeros((1, 8, 8, kernel1.shape[2]), dtype="float32"))
    b.faltung1.set_weights([kernel1, bias1])
    b.faltung2.set_weights([kernel2, bias2])
    if projection is not None:
        b.abkuerzung.set_weights([projection])
    return b
# %% gradient_solution
def first_gradient(weights, x, residual):
    W = [tf.Variable(w, dtype=tf.float32) for w in weights]
    h = tf.cast(x, tf.float32)
    with tf.GradientTape() as band:
        for w in W:
            z = tf.math.tanh(tf.matmul(h, w))
            h = h + z if residual else z
        kosten = tf.reduce_sum(h) / len(x)
    return band.gradient(kosten, W[0])


def gradient_norms(weights, x):
    return [float(tf.norm(tf.cast(first_gradient(weights, x, r), tf.float64))) for r in (False, True)]
