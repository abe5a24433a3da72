/* The parts of a training step that PyTorch's own operators are slow at on a CPU: attention over prefixes with rotary
 * positions, root-mean-square norms, gated units. One call works on one thread; train.py gives each thread its own part
 * of a batch. float32 throughout. Vectors are 16 wide; the compiler splits them where the processor's are narrower. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef float vec __attribute__((vector_size(64), aligned(4), may_alias));
typedef int ivec __attribute__((vector_size(64)));
#define WIDE 16
#define HEAD 32 /* columns of one head */
#define ROWS 8  /* rows done at once */
#define V(p) (*(vec *)(p))

static inline vec all(float x) { return (vec){} + x; }

static inline vec pick(ivec mask, vec a, vec b) { return (vec)(((ivec)a & mask) | ((ivec)b & ~mask)); }

static inline vec vexp(vec x) {
    x = pick(x < -87.0f, all(-87.0f), x);
    vec shifted = x * 1.44269504f + 12582912.0f; /* rounds to a whole number, in the low bits */
    vec n = shifted - 12582912.0f;
    vec r = x - n * 0.693145752f - n * 1.42860677e-6f;
    vec p = r * (r * (r * (r * (r * (r * 1.3981999e-3f + 8.3334519e-3f) + 4.1665796e-2f) + 1.6666665e-1f) + 0.5f) + 1.0f) + 1.0f;
    ivec scale = ((ivec)shifted << 23);
    return (vec)((ivec)p + scale);
}

static inline float total(vec v) {
    float s = 0;
    for (int i = 0; i < WIDE; i++) s += v[i];
    return s;
}

/* C[8][32] = (C +) sum over k of A[r * rs + k * ks] * B[k * ldb ...]. */
static inline __attribute__((always_inline)) void product(int n, const float *a, long rs, long ks, const float *b, long ldb, float *c, long ldc, int add) {
    vec lo[ROWS], hi[ROWS];
    for (int r = 0; r < ROWS; r++) {
        lo[r] = add ? V(c + r * ldc) : all(0);
        hi[r] = add ? V(c + r * ldc + WIDE) : all(0);
    }
    for (int k = 0; k < n; k++) {
        vec x = V(b + k * ldb), y = V(b + k * ldb + WIDE);
        for (int r = 0; r < ROWS; r++) {
            vec w = all(a[r * rs + k * ks]);
            lo[r] += w * x;
            hi[r] += w * y;
        }
    }
    for (int r = 0; r < ROWS; r++) {
        V(c + r * ldc) = lo[r];
        V(c + r * ldc + WIDE) = hi[r];
    }
}

/* Rows of one head, turned by their position (back again for `sign` -1) and scaled; rows beyond t are zero. */
static void turn(const float *from, long stride, float *to, int t, int padded, const float *cosine, const float *sine, float sign, float scale) {
    for (int i = 0; i < t; i++)
        for (int p = 0; p < HEAD / 2; p++) {
            float a = from[i * stride + 2 * p], b = from[i * stride + 2 * p + 1];
            float c = cosine[i * (HEAD / 2) + p] * scale, s = sine[i * (HEAD / 2) + p] * scale * sign;
            to[i * HEAD + 2 * p] = a * c - b * s;
            to[i * HEAD + 2 * p + 1] = a * s + b * c;
        }
    memset(to + t * HEAD, 0, sizeof(float) * (padded - t) * HEAD);
}

static void copy(const float *from, long stride, float *to, int t, int padded) {
    for (int i = 0; i < t; i++) memcpy(to + i * HEAD, from + i * stride, sizeof(float) * HEAD);
    memset(to + t * HEAD, 0, sizeof(float) * (padded - t) * HEAD);
}

static void transpose(const float *from, float *to, int padded) {
    for (int i = 0; i < padded; i++)
        for (int d = 0; d < HEAD; d++) to[d * padded + i] = from[i * HEAD + d];
}

static int widest(const int *limit, int i, int t) {
    int most = 0;
    for (int r = i; r < i + ROWS && r < t; r++) most = limit[r] > most ? limit[r] : most;
    return (most + 31) / 32 * 32;
}

/* Row i of a sequence sees the columns before limit[i]: a prefix, also for the patches of a picture. A row with limit 0
 * is padding. mixed [b, t, (heads + 2 groups) * 32] holds queries, keys, values; out [b, t, heads * 32]; sums [b, heads, t]. */
void attend(int b, int t, int heads, int groups, const float *mixed, const int *limits, const float *cosine, const float *sine, float *out, float *sums) {
    int padded = (t + 31) / 32 * 32, shared = heads / groups;
    long stride = (heads + 2 * groups) * HEAD, block = (long)padded * HEAD;
    float *space = aligned_alloc(64, sizeof(float) * (block * 4 + (long)ROWS * padded));
    float *q = space, *k = q + block, *kt = k + block, *v = kt + block, *s = v + block;
    float scale = 1 / sqrtf(HEAD), o[ROWS * HEAD];
    for (int n = 0; n < b; n++)
        for (int g = 0; g < groups; g++) {
            const float *from = mixed + n * t * stride;
            const int *limit = limits + n * t;
            turn(from + (heads + g) * HEAD, stride, k, t, padded, cosine, sine, 1, 1);
            transpose(k, kt, padded);
            copy(from + (heads + groups + g) * HEAD, stride, v, t, padded);
            for (int h = g * shared; h < (g + 1) * shared; h++) {
                turn(from + h * HEAD, stride, q, t, padded, cosine, sine, 1, scale);
                for (int i = 0; i < t; i += ROWS) {
                    int wide = widest(limit, i, t);
                    for (int j = 0; j < wide; j += 32) product(HEAD, q + i * HEAD, HEAD, 1, kt + j, padded, s + j, padded, 0);
                    float inverse[ROWS];
                    for (int r = 0; r < ROWS; r++) {
                        int seen = i + r < t ? limit[i + r] : 0;
                        float *row = s + r * padded, top = -1e30f;
                        for (int j = seen; j < wide; j++) row[j] = -1e30f;
                        vec most = all(-1e30f);
                        for (int j = 0; j < wide; j += WIDE) most = pick(V(row + j) > most, V(row + j), most);
                        for (int j = 0; j < WIDE; j++) top = most[j] > top ? most[j] : top;
                        vec sum = all(0);
                        for (int j = 0; j < wide; j += WIDE) {
                            vec e = vexp(V(row + j) - top);
                            V(row + j) = e;
                            sum += e;
                        }
                        float all_of = total(sum);
                        inverse[r] = seen ? 1 / all_of : 0;
                        if (i + r < t) sums[((long)n * heads + h) * t + i + r] = seen ? top + logf(all_of) : 0;
                    }
                    product(wide, s, padded, 1, v, HEAD, o, HEAD, 0);
                    for (int r = 0; r < ROWS && i + r < t; r++)
                        for (int d = 0; d < HEAD; d++) out[((long)n * t + i + r) * heads * HEAD + h * HEAD + d] = o[r * HEAD + d] * inverse[r];
                }
            }
        }
    free(space);
}

/* Gradients of `mixed` from those of `out`. Scores are made again: cheaper than keeping them. */
void attend_back(int b, int t, int heads, int groups, const float *mixed, const int *limits, const float *cosine, const float *sine, const float *out, const float *sums,
                 const float *d_out, float *d_mixed) {
    int padded = (t + 31) / 32 * 32, shared = heads / groups;
    long stride = (heads + 2 * groups) * HEAD, block = (long)padded * HEAD, square = (long)padded * padded, width = heads * HEAD;
    float *space = aligned_alloc(64, sizeof(float) * (block * 10 + 2 * square));
    float *q = space, *k = q + block, *kt = k + block, *v = kt + block, *vt = v + block, *g_out = vt + block;
    float *dq = g_out + block, *dk = dq + block, *dv = dk + block, *back = dv + block, *p = back + block, *ds = p + square;
    float scale = 1 / sqrtf(HEAD);
    for (int n = 0; n < b; n++)
        for (int g = 0; g < groups; g++) {
            const float *from = mixed + n * t * stride;
            float *to = d_mixed + n * t * stride;
            const int *limit = limits + n * t;
            turn(from + (heads + g) * HEAD, stride, k, t, padded, cosine, sine, 1, 1);
            transpose(k, kt, padded);
            copy(from + (heads + groups + g) * HEAD, stride, v, t, padded);
            transpose(v, vt, padded);
            memset(dk, 0, sizeof(float) * block * 2);
            for (int h = g * shared; h < (g + 1) * shared; h++) {
                turn(from + h * HEAD, stride, q, t, padded, cosine, sine, 1, scale);
                copy(d_out + n * t * width + h * HEAD, width, g_out, t, padded);
                int last = 0;
                for (int i = 0; i < t; i += ROWS) {
                    int wide = widest(limit, i, t);
                    if (wide == 0) { /* nobody reads these rows: they pass nothing on */
                        memset(p + (long)i * padded, 0, sizeof(float) * ROWS * padded);
                        memset(ds + (long)i * padded, 0, sizeof(float) * ROWS * padded);
                        continue;
                    }
                    last = i + ROWS;
                    for (int j = 0; j < wide; j += 32) {
                        product(HEAD, q + i * HEAD, HEAD, 1, kt + j, padded, p + (long)i * padded + j, padded, 0);
                        product(HEAD, g_out + i * HEAD, HEAD, 1, vt + j, padded, ds + (long)i * padded + j, padded, 0);
                    }
                    for (int r = 0; r < ROWS; r++) {
                        int seen = i + r < t ? limit[i + r] : 0;
                        float *prow = p + (long)(i + r) * padded, *srow = ds + (long)(i + r) * padded, dot = 0, sum = 0;
                        if (seen) {
                            const float *o = out + ((long)n * t + i + r) * width + h * HEAD;
                            for (int d = 0; d < HEAD; d++) dot += o[d] * g_out[(i + r) * HEAD + d];
                            sum = sums[((long)n * heads + h) * t + i + r];
                        }
                        for (int j = seen; j < wide; j++) prow[j] = -1e30f;
                        for (int j = 0; j < wide; j += WIDE) {
                            vec e = V(prow + j) - sum;
                            e = pick(e > -80.0f, vexp(e), all(0));
                            V(prow + j) = e;
                            V(srow + j) = e * (V(srow + j) - dot);
                        }
                        memset(prow + wide, 0, sizeof(float) * (padded - wide));
                        memset(srow + wide, 0, sizeof(float) * (padded - wide));
                    }
                    product(wide, ds + (long)i * padded, padded, 1, k, HEAD, dq + i * HEAD, HEAD, 0);
                }
                for (int j = 0; j < padded; j += ROWS) {
                    int first = 0;
                    while (first < last && (first >= t || widest(limit, first, t) <= j)) first += ROWS;
                    if (first >= last) continue;
                    product(last - first, ds + (long)first * padded + j, 1, padded, q + first * HEAD, HEAD, dk + j * HEAD, HEAD, 1);
                    product(last - first, p + (long)first * padded + j, 1, padded, g_out + first * HEAD, HEAD, dv + j * HEAD, HEAD, 1);
                }
                turn(dq, HEAD, back, t, padded, cosine, sine, -1, scale);
                for (int i = 0; i < t; i++)
                    for (int d = 0; d < HEAD; d++) to[i * stride + h * HEAD + d] = limit[i] ? back[i * HEAD + d] : 0;
            }
            turn(dk, HEAD, back, t, padded, cosine, sine, -1, 1);
            for (int i = 0; i < t; i++) {
                memcpy(to + i * stride + (heads + g) * HEAD, back + i * HEAD, sizeof(float) * HEAD);
                memcpy(to + i * stride + (heads + groups + g) * HEAD, dv + i * HEAD, sizeof(float) * HEAD);
            }
        }
    free(space);
}

/* y = x * weight / root mean square; `inverse` keeps one over the root of each row. */
void norm(long n, int width, float eps, const float *x, const float *weight, float *y, float *inverse) {
    for (long i = 0; i < n; i++, x += width, y += width) {
        vec sum = all(0);
        for (int d = 0; d < width; d += WIDE) sum += V(x + d) * V(x + d);
        float s = inverse[i] = 1 / sqrtf(total(sum) / width + eps);
        for (int d = 0; d < width; d += WIDE) V(y + d) = V(x + d) * s * V(weight + d);
    }
}

void norm_back(long n, int width, const float *x, const float *weight, const float *inverse, const float *dy, float *dx, float *d_weight) {
    for (long i = 0; i < n; i++, x += width, dy += width, dx += width) {
        vec sum = all(0);
        for (int d = 0; d < width; d += WIDE) sum += V(dy + d) * V(weight + d) * V(x + d);
        float s = inverse[i], along = total(sum) / width * s * s * s;
        for (int d = 0; d < width; d += WIDE) {
            V(dx + d) = V(dy + d) * V(weight + d) * s - V(x + d) * along;
            V(d_weight + d) += V(dy + d) * V(x + d) * s;
        }
    }
}

/* both [n, 2 * hidden] holds gates, then values; y = silu(gate) * value. */
void gate(long n, int hidden, const float *both, float *y) {
    for (long i = 0; i < n; i++, both += 2 * hidden, y += hidden)
        for (int d = 0; d < hidden; d += WIDE) V(y + d) = V(both + d) / (1.0f + vexp(-V(both + d))) * V(both + hidden + d);
}

void gate_back(long n, int hidden, const float *both, const float *dy, float *d_both) {
    for (long i = 0; i < n; i++, both += 2 * hidden, d_both += 2 * hidden, dy += hidden)
        for (int d = 0; d < hidden; d += WIDE) {
            vec g = V(both + d), open = 1.0f / (1.0f + vexp(-g));
            V(d_both + hidden + d) = V(dy + d) * g * open;
            V(d_both + d) = V(dy + d) * V(both + hidden + d) * open * (1.0f + g * (1.0f - open));
        }
}
