#ifndef GLMPP_DESIGN_COEFFICIENT_MAP_H
#define GLMPP_DESIGN_COEFFICIENT_MAP_H

#include <cstddef>
#include <vector>

#include "linalg/symmetric_elements.h"

namespace glmpp {

/// The place of a coefficient that a restriction leaves out.
constexpr std::size_t left_out = static_cast<std::size_t>(-1);

/// The linear map from a block's coefficients to its own columns (dense columns or factor cells): a
/// sparse contrast matrix C, one column per coefficient, and each coefficient's place in the model.
class CoefficientMap {
 public:
  /// C = identity: own column k is coefficient position[k].
  static CoefficientMap identity(std::vector<std::size_t> position);
  /// The same with so many own columns, of which those before `shift` and after the last coefficient are of none: own column shift + k
  /// is coefficient position[k].
  static CoefficientMap shifted(std::size_t width, std::vector<std::size_t> position,
                                std::size_t shift);

  /// C by compressed columns: entries start[k] .. start[k + 1] - 1 of `row` and `value`.
  CoefficientMap(std::size_t width, std::vector<std::size_t> position,
                 std::vector<std::size_t> start, std::vector<std::size_t> row,
                 std::vector<double> value);

  /// The coefficients that `place` keeps, where it puts them.
  CoefficientMap restricted(const std::vector<std::size_t>& place) const;
  /// Their numbers here.
  std::vector<std::size_t> kept(const std::vector<std::size_t>& place) const;

  std::size_t width() const { return width_; }
  std::size_t coefficient_count() const { return position_.size(); }
  std::size_t position(std::size_t k) const { return position_[k]; }
  /// The entries of the k-th coefficient's column of C.
  std::size_t first_entry(std::size_t k) const { return is_shifted_ ? k : start_[k]; }
  std::size_t entry_count(std::size_t k) const {
    return is_shifted_ ? 1 : start_[k + 1] - start_[k];
  }
  std::size_t entry_row(std::size_t e) const { return is_shifted_ ? e + shift_ : row_[e]; }
  double entry_value(std::size_t e) const { return is_shifted_ ? 1.0 : value_[e]; }
  std::size_t row_count(std::size_t own_column) const {
    return is_shifted_ ? is_shifted_to(own_column)
                       : row_start_[own_column + 1] - row_start_[own_column];
  }
  /// visit(k, value) over the entries of a row of C.
  template <class Visit>
  void visit_row(std::size_t own_column, Visit visit) const {
    if (is_shifted_) {
      if (is_shifted_to(own_column)) visit(own_column - shift_, 1.0);
      return;
    }
    for (std::size_t e = row_start_[own_column]; e < row_start_[own_column + 1]; ++e)
      visit(row_coefficient_[e], row_value_[e]);
  }
  /// Whether each coefficient is an own column, and they follow each other.
  bool is_shifted() const { return is_shifted_; }
  /// Whether own column k is coefficient k.
  bool is_identity() const { return is_shifted_ && coefficient_count() == width_; }
  /// Whether every position is one of `count` coefficients.
  bool fits(std::size_t count) const;

  /// own = C coefficients.
  void to_own(const std::vector<double>& coefficients, double* own) const;
  /// score += C' own_score.
  void add_score(const double* own_score, std::vector<double>& score) const;
  /// squares += (C o C)' own_squares: those of the columns of coefficients, as no row has two cells.
  void add_squares(const double* own_squares, std::vector<double>& squares) const;
  /// Row `own_column` of C times `multiplier`, added into a strided row of the model's columns.
  void add_row(std::size_t own_column, double multiplier, double* row, std::size_t stride) const;

  /// information(a, b) = Ca' table Cb, and its transpose; `table` is column-major with columns
  /// `leading_dimension` apart, a by b.
  static void set_information(const CoefficientMap& a, const CoefficientMap& b, const double* table,
                              std::size_t leading_dimension, SymmetricElements& information);
  /// The same for a diagonal table, where it is not zero.
  static void set_information_diagonal(const CoefficientMap& a, const CoefficientMap& b,
                                       const double* diagonal, SymmetricElements& information);

 private:
  CoefficientMap(std::size_t width, std::vector<std::size_t> position, std::size_t shift);
  void index_rows();
  void find_shift();
  bool is_shifted_to(std::size_t own_column) const {
    return own_column >= shift_ && own_column - shift_ < position_.size();
  }
  double dot(std::size_t k, const double* own) const;

  std::size_t width_;
  std::vector<std::size_t> position_;
  bool is_shifted_ = false;  ///< then what follows `shift_` is empty, as it follows from it
  std::size_t shift_ = 0;
  std::vector<std::size_t> start_;
  std::vector<std::size_t> row_;
  std::vector<double> value_;
  std::vector<std::size_t> row_start_;
  std::vector<std::size_t> row_coefficient_;
  std::vector<double> row_value_;
};

}  // namespace glmpp

#endif
