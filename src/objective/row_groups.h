#ifndef GLMPP_OBJECTIVE_ROW_GROUPS_H
#define GLMPP_OBJECTIVE_ROW_GROUPS_H

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "design/column.h"

namespace glmpp {

/// A variable of the model as R stores it.
struct VariableView {
  const double* real = nullptr;
  const int* integer = nullptr;
  std::size_t columns = 1;
  std::size_t levels = 0;  ///< of a factor, whose codes are 1 .. levels; 0: not known
};

/// The distinct rows of a design whose variables take few whole values. For the families here the
/// deviance is linear in the response up to terms without coefficients, so that a group of equal rows
/// is one row with the weight sum and the weighted mean response: score and information are the same.
class RowGroups {
 public:
  /// Null when a variable is not whole-valued, or a sample of the rows says that grouping does not pay.
  static std::unique_ptr<RowGroups> find(const std::vector<VariableView>& variables,
                                         std::size_t rows, const Column& y, const Column& weights,
                                         unsigned threads, const std::function<void()>& poll);

  std::size_t count() const { return weights_.size(); }
  /// The variables of the groups, as those of the rows were given.
  std::vector<VariableView> variables() const;
  const std::vector<double>& mean_response() const { return y_; }
  const std::vector<double>& weights() const { return weights_; }

 private:
  struct Digit;
  using Key = std::uint32_t;
  struct KeySums;
  static bool read_digits(const std::vector<VariableView>& variables, std::size_t rows,
                          unsigned threads, std::vector<Digit>& digits);
  static std::size_t count_keys(const std::vector<Digit>& digits);
  static bool is_scattered(const std::vector<Digit>& digits, std::size_t rows);
  std::vector<Key> gather(const std::vector<KeySums>& lanes, std::size_t keys);
  void unpack(const std::vector<Digit>& digits, const std::vector<Key>& keys);

  std::vector<std::vector<double>> real_;
  std::vector<std::vector<int>> integer_;
  std::vector<double> y_;
  std::vector<double> weights_;
};

}  // namespace glmpp

#endif
