#pragma once

#include <cstddef>

namespace glmpp {

/// Sums over pairs of elements; vectors of any alignment and length.
double dot(const double* x, const double* v, std::size_t count);

/// Of a column x beside a residual r and weights w.
struct ColumnProducts {
  double residual = 0.0;  ///< x'r
  double weight = 0.0;    ///< x'w
  double square = 0.0;    ///< x' diag(w) x
};
ColumnProducts column_products(const double* x, const double* r, const double* w,
                               std::size_t count);

/// out = (y - mean) sqrt(weights / variances)
void standardize(const double* y, const double* mean, const double* weights,
                 const double* variances, std::size_t count, double* out);

/// out += factor x
void add_scaled(const double* x, double factor, std::size_t count, double* out);

/// out += factor diag(w) x
void add_weighted(const double* x, const double* w, double factor, std::size_t count, double* out);

}  // namespace glmpp
