// Gflop/s of add_weighted_gram() for each instruction set, and of a BLAS dsyrk() on
// sqrt(w) X, over the same stream of tiles; n p (p + 1) flops.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <vector>

#include "../../src/linalg/gram.h"
#include "../../src/parallel/instruction_set.h"

extern "C" void dsyrk_(const char* uplo, const char* trans, const int* n, const int* k,
                       const double* alpha, const double* a, const int* lda, const double* beta,
                       double* c, const int* ldc);

namespace {

struct TileStream {
  std::size_t rows, cols, ld, count;
  std::vector<double> x, w, root_w;

  const double* tile(std::size_t t) const { return x.data() + t * ld * cols; }
};

TileStream make_stream(std::size_t cols) {
  const std::size_t rows = std::clamp<std::size_t>((512 << 10) / (16 * cols), 512, 2048) / 8 * 8;
  const std::size_t ld = (rows / 8 | 1) * 8;
  const std::size_t count = std::max<std::size_t>(4'000'000 / (rows * cols), 4);
  TileStream stream{rows, cols, ld, count, {}, {}, {}};
  stream.x.assign(ld * cols * count, 0.0);
  stream.w.assign(ld, 0.0);
  stream.root_w.assign(ld, 0.0);
  std::mt19937_64 generator(1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  for (std::size_t i = 0; i < rows; ++i) {
    stream.w[i] = uniform(generator);
    stream.root_w[i] = std::sqrt(stream.w[i]);
  }
  for (std::size_t column = 0; column < cols * count; ++column) {
    for (std::size_t i = 0; i < rows; ++i) stream.x[column * ld + i] = normal(generator);
  }
  return stream;
}

// The best of several passes: other processes only ever slow one down.
double best_gflops(const TileStream& stream, const std::function<void()>& pass) {
  const double flops =
      double(stream.rows * stream.count) * double(stream.cols) * double(stream.cols + 1);
  double best = 0.0;
  for (int repeat = 0; repeat < 15; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    pass();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    best = std::max(best, flops / elapsed.count() * 1e-9);
  }
  return best;
}

double kernel_gflops(const TileStream& stream, glmpp::InstructionSet widest,
                     std::vector<double>& gram) {
  std::vector<double> scratch(stream.ld * stream.cols);
  glmpp::limit_instruction_set(widest);
  return best_gflops(stream, [&] {
    std::fill(gram.begin(), gram.end(), 0.0);
    for (std::size_t t = 0; t < stream.count; ++t) {
      glmpp::add_weighted_gram(stream.tile(t), stream.ld, stream.rows, stream.cols,
                               stream.w.data(), scratch.data(), gram.data(), stream.cols);
    }
  });
}

double blas_gflops(const TileStream& stream, std::vector<double>& gram) {
  std::vector<double> scratch(stream.ld * stream.cols);
  const int n = int(stream.cols), k = int(stream.rows), ld = int(stream.ld);
  const double one = 1.0;
  return best_gflops(stream, [&] {
    std::fill(gram.begin(), gram.end(), 0.0);
    for (std::size_t t = 0; t < stream.count; ++t) {
      const double* x = stream.tile(t);
      for (std::size_t j = 0; j < stream.cols; ++j) {
        for (std::size_t i = 0; i < stream.ld; ++i) {
          scratch[i + j * stream.ld] = stream.root_w[i] * x[i + j * stream.ld];
        }
      }
      dsyrk_("U", "T", &n, &k, &one, scratch.data(), &ld, &one, gram.data(), &n);
    }
  });
}

double max_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0.0, scale = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
    scale = std::max(scale, std::abs(b[i]));
  }
  return largest / scale;
}

}  // namespace

int main() {
  using glmpp::InstructionSet;
  std::printf("%5s %6s %6s %10s %10s %10s %10s %12s\n", "p", "rows", "tiles", "baseline", "avx2",
              "avx512", "dsyrk", "difference");
  for (const std::size_t cols : {6, 8, 9, 16, 21, 48, 51, 96, 192, 384}) {
    const TileStream stream = make_stream(cols);
    std::vector<double> gram(cols * cols), reference(cols * cols);
    const double blas = blas_gflops(stream, reference);
    const double baseline = kernel_gflops(stream, InstructionSet::baseline, gram);
    const double avx2 = kernel_gflops(stream, InstructionSet::avx2, gram);
    const double avx512 = kernel_gflops(stream, InstructionSet::avx512, gram);
    std::printf("%5zu %6zu %6zu %10.1f %10.1f %10.1f %10.1f %12.1e\n", cols, stream.rows,
                stream.count, baseline, avx2, avx512, blas, max_difference(gram, reference));
  }
}
