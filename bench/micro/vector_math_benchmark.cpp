// Nanoseconds per element and largest error in ulp, against long double, of every
// function of vector_math.h for each instruction set, with std:: for comparison.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "../../src/family/vector_math.h"
#include "../../src/parallel/instruction_set.h"

namespace {

constexpr std::size_t n = 2048;
std::vector<double> mu(n), complement(n), softplus(n);

void mu_each(const double* eta, std::size_t count, double* out) {
  glmpp::logistic_each(eta, count, out, complement.data(), softplus.data());
}
void complement_each(const double* eta, std::size_t count, double* out) {
  glmpp::logistic_each(eta, count, mu.data(), out, softplus.data());
}
void softplus_each(const double* eta, std::size_t count, double* out) {
  glmpp::logistic_each(eta, count, mu.data(), complement.data(), out);
}

template <double (*Function)(double)>
void std_each(const double* x, std::size_t count, double* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = Function(x[i]);
}

void std_logistic_each(const double* eta, std::size_t count, double* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const double e = std::exp(-std::fabs(eta[i])), d = 1.0 + e;
    out[i] = eta[i] < 0.0 ? e / d : 1.0 / d;
    complement[i] = eta[i] < 0.0 ? 1.0 / d : e / d;
    softplus[i] = std::log1p(e) + std::max(-eta[i], 0.0);
  }
}

using Each = void (*)(const double*, std::size_t, double*);
using Exact = long double (*)(long double);

struct Case {
  const char* name;
  Each each, standard;
  Exact exact;
  double low, high;
};

const Case cases[] = {
    {"exp", glmpp::exp_each, std_each<std::exp>, expl, -40.0, 40.0},
    {"expm1", glmpp::expm1_each, std_each<std::expm1>, expm1l, -3.0, 3.0},
    {"log", glmpp::log_each, std_each<std::log>, logl, 0.0, 10.0},
    {"log1p", glmpp::log1p_each, std_each<std::log1p>, log1pl, -1.0, 3.0},
    {"logistic: mu", mu_each, std_logistic_each, [](long double x) { return 1 / (1 + expl(-x)); },
     -40.0, 40.0},
    {"logistic: complement", complement_each, nullptr,
     [](long double x) { return 1 / (1 + expl(x)); }, -40.0, 40.0},
    {"logistic: softplus", softplus_each, nullptr,
     [](long double x) { return log1pl(expl(-x)); }, -40.0, 40.0},
};

std::vector<double> uniform_sample(const Case& c, std::mt19937_64& generator) {
  std::uniform_real_distribution<double> uniform(c.low, c.high);
  std::vector<double> x(n);
  for (double& value : x) value = uniform(generator);
  return x;
}

// The best of several passes: other processes only ever slow one down.
double nanoseconds(Each each, const std::vector<double>& x) {
  std::vector<double> out(n);
  double best = 1e300;
  for (int repeat = 0; repeat < 200; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    for (int pass = 0; pass < 20; ++pass) each(x.data(), n, out.data());
    const std::chrono::duration<double, std::nano> elapsed =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, elapsed.count() / (20.0 * n));
  }
  return best;
}

double max_ulp(const Case& c, std::mt19937_64& generator) {
  std::vector<double> out(n);
  double largest = 0.0;
  for (int sample = 0; sample < 500; ++sample) {
    const std::vector<double> x = uniform_sample(c, generator);
    c.each(x.data(), n, out.data());
    for (std::size_t i = 0; i < n; ++i) {
      const long double exact = c.exact(x[i]);
      const double ulp = std::ldexp(1.0, std::max(std::ilogb(double(exact)), -1022) - 52);
      largest = std::max(largest, double(std::fabs(out[i] - exact)) / ulp);
    }
  }
  return largest;
}

}  // namespace

int main() {
  const char* names[] = {"baseline", "avx2", "avx512"};
  std::printf("%-22s", "");
  for (const char* name : names) std::printf("%12s ns %6s", name, "ulp");
  std::printf("%12s ns\n", "std");
  for (const Case& c : cases) {
    std::mt19937_64 generator(1);
    const std::vector<double> x = uniform_sample(c, generator);
    std::printf("%-22s", c.name);
    for (int set = 0; set < 3; ++set) {
      glmpp::limit_instruction_set(static_cast<glmpp::InstructionSet>(set));
      std::printf("%15.2f %6.3f", nanoseconds(c.each, x), max_ulp(c, generator));
    }
    if (c.standard) std::printf("%15.2f", nanoseconds(c.standard, x));
    std::printf("\n");
  }
}
