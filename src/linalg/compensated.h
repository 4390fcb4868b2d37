#ifndef GLMPP_LINALG_COMPENSATED_H
#define GLMPP_LINALG_COMPENSATED_H

#include <cstddef>

namespace glmpp {

/// A sum in about twice the working precision (Ogita, Rump and Oishi 2005, Accurate sum and dot
/// product, SIAM Journal on Scientific Computing 26).
struct Compensated {
  double high = 0.0;
  double low = 0.0;

  void add(const Compensated& other) {
    const double sum = high + other.high;
    const double part = sum - high;
    low += (high - (sum - part)) + (other.high - part);
    low += other.low;
    high = sum;
  }

  double value() const { return high + low; }
};

/// eta += X b for a column-major tile, to twice the working precision; what rounding leaves of it goes to `low`. `rows` is a multiple
/// of 8, which all have room for.
void predict_to_twice_the_precision(const double* x, std::size_t ld, std::size_t rows,
                                    std::size_t cols, const double* b, double* eta, double* low);

/// total += x'r; `rows` is a multiple of 8, and r is zero beyond those that count.
void add_products(const double* x, const double* r, std::size_t rows, Compensated& total);

}  // namespace glmpp

#endif
