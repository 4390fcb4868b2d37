#ifndef GLMPP_LINALG_COMPENSATED_H
#define GLMPP_LINALG_COMPENSATED_H

#include <cmath>

namespace glmpp {

/// A sum in about twice the working precision (Ogita, Rump and Oishi 2005, Accurate sum and dot
/// product, SIAM Journal on Scientific Computing 26).
struct Compensated {
  double high = 0.0;
  double low = 0.0;

  void add(double value) {
    const double sum = high + value;
    const double part = sum - high;
    low += (high - (sum - part)) + (value - part);
    high = sum;
  }

  void add_product(double a, double b) {
    const double product = a * b;
    add(product);
    low += std::fma(a, b, -product);
  }

  double value() const { return high + low; }
};

}  // namespace glmpp

#endif
