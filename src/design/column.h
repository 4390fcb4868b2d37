#ifndef GLMPP_DESIGN_COLUMN_H
#define GLMPP_DESIGN_COLUMN_H

#include <algorithm>
#include <cstddef>
#include <vector>

#include "parallel/row_range.h"

namespace glmpp {

/// A numeric column, borrowed as it is: doubles, integers or logicals (as R stores them), or the
/// constant 1. Missing values have been dealt with before.
class Column {
 public:
  static Column constant() { return Column(); }
  static Column real(const double* values) {
    Column column;
    column.real_ = values;
    return column;
  }
  static Column integer(const int* values) {
    Column column;
    column.integer_ = values;
    return column;
  }

  bool is_constant() const { return !real_ && !integer_; }
  /// Null for another type.
  const double* doubles() const { return real_; }

  void read(RowRange rows, double* out) const {
    if (real_)
      std::copy_n(real_ + rows.begin, rows.count, out);
    else if (integer_)
      std::copy_n(integer_ + rows.begin, rows.count, out);
    else
      std::fill_n(out, rows.count, 1.0);
  }

  /// Asks for rows that will be read soon: hardware prefetchers stop at every page, and a tile is a
  /// page or two of each column.
  void prefetch(RowRange rows) const {
#ifdef __GNUC__
    if (is_constant()) return;
    const std::size_t width = real_ ? sizeof(double) : sizeof(int);
    const char* first =
        (real_ ? reinterpret_cast<const char*>(real_) : reinterpret_cast<const char*>(integer_)) +
        rows.begin * width;
    const std::size_t bytes = rows.count * width;
    for (std::size_t offset = 0; offset < bytes; offset += 64)
      __builtin_prefetch(first + offset, 0, 2);
#endif
  }

  void multiply(RowRange rows, double* out) const {
    if (real_)
      for (std::size_t i = 0; i < rows.count; ++i) out[i] *= real_[rows.begin + i];
    else if (integer_)
      for (std::size_t i = 0; i < rows.count; ++i) out[i] *= integer_[rows.begin + i];
  }

 private:
  const double* real_ = nullptr;
  const int* integer_ = nullptr;
};

/// A column of the design: the product of numeric columns, multiplied tile by tile.
using ColumnProduct = std::vector<Column>;

inline void read_product(const ColumnProduct& product, RowRange rows, double* out) {
  product.front().read(rows, out);
  for (std::size_t k = 1; k < product.size(); ++k) product[k].multiply(rows, out);
}

}  // namespace glmpp

#endif
