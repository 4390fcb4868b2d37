#include "sparse_root.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "dense_root.h"
#include "parallel/lanes.h"

namespace glmpp {

namespace {

// Elements of the inverse where the root has some.
class SparseInverse : public ComplementInverse {
 public:
  SparseInverse(std::shared_ptr<const SparsePattern> pattern, std::vector<double> values)
      : pattern_(std::move(pattern)), values_(std::move(values)) {}

  double diagonal(std::size_t b) const override {
    return values_[pattern_->start[static_cast<std::size_t>(pattern_->place[b])]];
  }
  // All that meet in a row meet in the complement.
  double form(const int* column, const double* value, std::size_t count) const override {
    double sum = 0.0;
    for (std::size_t e = 0; e < count; ++e) {
      const int own = pattern_->place[static_cast<std::size_t>(column[e])];
      sum += value[e] * value[e] * diagonal(static_cast<std::size_t>(column[e]));
      for (std::size_t f = 0; f < e; ++f) {
        const int other = pattern_->place[static_cast<std::size_t>(column[f])];
        sum += 2.0 * value[e] * value[f] *
               values_[pattern_->root_place(std::max(own, other), std::min(own, other))];
      }
    }
    return sum;
  }

 private:
  std::shared_ptr<const SparsePattern> pattern_;
  std::vector<double> values_;
};

}  // namespace

SparseRoot::SparseRoot(std::shared_ptr<const SparsePattern> pattern, std::vector<double> values)
    : pattern_(std::move(pattern)), values_(std::move(values)) {}

SparseRoot::SparseRoot(const Information& information, const UnsetVector& solved,
                       const std::vector<bool>& used, double smallest_pivot, unsigned threads,
                       std::vector<std::size_t>& weak)
    : pattern_(information.shape().sparse), values_(pattern_->row.size()) {
  const BorderedShape& shape = information.shape();
  std::vector<bool> used_border;
  for (std::size_t j : shape.border) used_border.push_back(used[j]);
  sum(information, solved, used_border, threads);
  // Of a coefficient that is not used no pivot is enough.
  std::vector<double> smallest;
  for (int b : pattern_->order)
    smallest.push_back(used_border[static_cast<std::size_t>(b)]
                           ? smallest_pivot *
                                 information.diagonal(shape.border[static_cast<std::size_t>(b)])
                           : INFINITY);
  std::vector<std::size_t> found;
  factor(smallest, threads, found);
  for (std::size_t k : found) {
    const auto b = static_cast<std::size_t>(pattern_->order[k]);
    if (used_border[b]) weak.push_back(b);
  }
}

// C - B' D^-1 B, its lower triangle in the order of elimination. A lane has columns of its own.
void SparseRoot::sum(const Information& information, const UnsetVector& solved,
                     const std::vector<bool>& used, unsigned threads) {
  const BorderedShape& shape = information.shape();
  const SparsePattern& pattern = *pattern_;
  const std::size_t q = shape.border.size(), inner = shape.inner.size();
  information.each_of_corner([&](std::size_t i, std::size_t j, double value) {
    if (!used[i] || !used[j]) return;
    const int a = pattern.place[i], b = pattern.place[j];
    values_[pattern.root_place(std::max(a, b), std::min(a, b))] = value;
  });
  // For each of the border, the entries that it has in rows, and of these the rows.
  std::vector<std::size_t> first(q + 1), entry(shape.column.size()), row(shape.column.size());
  for (int b : shape.column) ++first[static_cast<std::size_t>(b) + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  for (std::size_t k = 0; k < inner; ++k)
    for (std::size_t e = shape.row_start[k]; e < shape.row_start[k + 1]; ++e) {
      const std::size_t t = next[static_cast<std::size_t>(shape.column[e])]++;
      entry[t] = e;
      row[t] = k;
    }
  constexpr std::size_t columns_of_lane = 256;
  run_lanes((q + columns_of_lane - 1) / columns_of_lane, threads,
            [&](std::size_t lane, std::size_t) {
              std::vector<double> work(q);
              const std::size_t end = std::min(q, (lane + 1) * columns_of_lane);
              for (std::size_t j = lane * columns_of_lane; j < end; ++j) {
                const auto b = static_cast<std::size_t>(pattern.order[j]);
                if (!used[b]) continue;
                for (std::size_t t = first[b]; t < first[b + 1]; ++t) {
                  const double factor = solved[entry[t]];
                  if (factor == 0.0) continue;
                  for (std::size_t e = shape.row_start[row[t]]; e < shape.row_start[row[t] + 1];
                       ++e) {
                    const auto i = static_cast<std::size_t>(
                        pattern.place[static_cast<std::size_t>(shape.column[e])]);
                    if (i >= j) work[i] += factor * information.rows()[e];
                  }
                }
                for (std::size_t t = pattern.start[j]; t < pattern.start[j + 1]; ++t) {
                  const auto i = static_cast<std::size_t>(pattern.row[t]);
                  if (used[static_cast<std::size_t>(pattern.order[i])]) values_[t] -= work[i];
                  work[i] = 0.0;
                }
              }
            },
            nullptr);
}

// Column by column, each less its share of those before it that reach it (Davis 2006, Direct Methods for Sparse Linear Systems, ch. 4.8);
// the last, which are full, together.
void SparseRoot::factor(const std::vector<double>& smallest, unsigned threads,
                        std::vector<std::size_t>& weak) {
  const SparsePattern& pattern = *pattern_;
  const std::size_t q = pattern.order.size(), none = q;
  std::vector<double> work(q);
  // Columns whose next element is in the row at hand, as chains; and where in each column that is.
  std::vector<std::size_t> head(q, none), after(q, none), reached(q);
  const auto reach = [&](std::size_t k, std::size_t t) {
    reached[k] = t;
    if (t == pattern.start[k + 1]) return;
    const auto i = static_cast<std::size_t>(pattern.row[t]);
    if (i >= pattern.full_from) return;
    after[k] = head[i];
    head[i] = k;
  };
  for (std::size_t j = 0; j < pattern.full_from; ++j) {
    const std::size_t begin = pattern.start[j], end = pattern.start[j + 1];
    for (std::size_t t = begin; t < end; ++t)
      work[static_cast<std::size_t>(pattern.row[t])] = values_[t];
    for (std::size_t k = head[j]; k != none;) {
      const std::size_t next = after[k], from = reached[k];
      const double share = values_[from];
      if (share != 0.0)
        for (std::size_t t = from; t < pattern.start[k + 1]; ++t)
          work[static_cast<std::size_t>(pattern.row[t])] -= share * values_[t];
      reach(k, from + 1);
      k = next;
    }
    const double pivot = work[j];
    const bool is_kept = std::isfinite(pivot) && pivot > smallest[j] && pivot > 0.0;
    if (!is_kept) weak.push_back(j);
    const double root = is_kept ? std::sqrt(pivot) : 0.0;
    for (std::size_t t = begin; t < end; ++t) {
      const auto i = static_cast<std::size_t>(pattern.row[t]);
      values_[t] = !is_kept ? 0.0 : t == begin ? root : work[i] / root;
      work[i] = 0.0;
    }
    reach(j, begin + 1);
  }
  factor_full(smallest, threads, weak);
  // What columns before a weak one have in its row.
  if (weak.empty()) return;
  std::vector<char> is_weak(q, 0);
  for (std::size_t k : weak) is_weak[k] = 1;
  for (std::size_t t = 0; t < values_.size(); ++t)
    if (is_weak[static_cast<std::size_t>(pattern.row[t])]) values_[t] = 0.0;
}

// Of the columns that are full, less the shares of those before them: an upper triangle. A lane has columns of its own.
Matrix SparseRoot::rest_of_full(unsigned threads) const {
  const SparsePattern& pattern = *pattern_;
  const std::size_t from = pattern.full_from, m = pattern.order.size() - from;
  Matrix rest(m, m);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = j; i < m; ++i) rest(j, i) = values_[pattern.start[from + j] + (i - j)];
  constexpr std::size_t columns_of_lane = 64;
  run_lanes(
      (m + columns_of_lane - 1) / columns_of_lane, threads,
      [&](std::size_t lane, std::size_t) {
        const auto first = static_cast<int>(from + lane * columns_of_lane);
        const auto last = static_cast<int>(from + std::min(m, (lane + 1) * columns_of_lane));
        for (std::size_t k = 0; k < from; ++k) {
          const int* end = pattern.row.data() + pattern.start[k + 1];
          const int* begin =
              std::lower_bound(pattern.row.data() + pattern.start[k], end, static_cast<int>(from));
          const double* value = values_.data() + (begin - pattern.row.data());
          for (const int* b = std::lower_bound(begin, end, first); b != end && *b < last; ++b) {
            const double share = value[b - begin];
            double* out = rest.column(static_cast<std::size_t>(*b) - from);
            for (const int* a = begin; a <= b; ++a)
              out[static_cast<std::size_t>(*a) - from] -= share * value[a - begin];
          }
        }
      },
      nullptr);
  return rest;
}

void SparseRoot::factor_full(const std::vector<double>& smallest, unsigned threads,
                             std::vector<std::size_t>& weak) {
  const SparsePattern& pattern = *pattern_;
  const std::size_t from = pattern.full_from, m = pattern.order.size() - from;
  if (m == 0) return;
  // By smallest pivots of one, of columns in the size at which that is theirs.
  Matrix rest = rest_of_full(threads);
  std::vector<double> scale(m, 1.0);
  std::vector<std::size_t> used;
  for (std::size_t j = 0; j < m; ++j) {
    if (!std::isfinite(smallest[from + j])) {
      weak.push_back(from + j);
      continue;
    }
    used.push_back(j);
    if (smallest[from + j] > 0.0) scale[j] = std::sqrt(smallest[from + j]);
  }
  Matrix scaled(used.size(), used.size());
  for (std::size_t b = 0; b < used.size(); ++b)
    for (std::size_t a = 0; a <= b; ++a)
      scaled(a, b) = rest(used[a], used[b]) / (scale[used[a]] * scale[used[b]]);
  std::vector<std::size_t> found;
  const DenseRoot root(m, used, scaled, std::vector<double>(used.size(), 1.0), 1.0, threads, found);
  for (std::size_t j : found) weak.push_back(from + j);
  std::fill(values_.begin() + static_cast<std::ptrdiff_t>(pattern.start[from]), values_.end(), 0.0);
  for (std::size_t b = 0; b < root.used().size(); ++b)
    for (std::size_t a = 0; a <= b; ++a) {
      const std::size_t j = root.used()[a], i = root.used()[b];
      values_[pattern.start[from + j] + (i - j)] = root.root()(a, b) * scale[i];
    }
}

void SparseRoot::reduce(const std::vector<double>& border, std::vector<double>& reduced) const {
  const SparsePattern& pattern = *pattern_;
  const std::size_t q = pattern.order.size();
  reduced.resize(q);
  double* x = reduced.data();
  for (std::size_t k = 0; k < q; ++k) x[k] = border[static_cast<std::size_t>(pattern.order[k])];
  for (std::size_t k = 0; k < q; ++k) {
    const std::size_t begin = pattern.start[k];
    x[k] = values_[begin] == 0.0 ? 0.0 : x[k] / values_[begin];
    if (x[k] == 0.0) continue;
    for (std::size_t t = begin + 1; t < pattern.start[k + 1]; ++t)
      x[pattern.row[t]] -= values_[t] * x[k];
  }
}

void SparseRoot::expand(std::vector<double>& reduced, std::vector<double>& border) const {
  const SparsePattern& pattern = *pattern_;
  double* x = reduced.data();
  for (std::size_t k = pattern.order.size(); k-- > 0;) {
    const std::size_t begin = pattern.start[k];
    double left = x[k];
    for (std::size_t t = begin + 1; t < pattern.start[k + 1]; ++t)
      left -= values_[t] * x[pattern.row[t]];
    x[k] = values_[begin] == 0.0 ? 0.0 : left / values_[begin];
    border[static_cast<std::size_t>(pattern.order[k])] = x[k];
  }
}

double SparseRoot::log_determinant() const {
  double sum = 0.0;
  for (std::size_t k = 0; k < pattern_->order.size(); ++k)
    if (const double pivot = values_[pattern_->start[k]]; pivot > 0.0) sum += 2.0 * std::log(pivot);
  return sum;
}

void SparseRoot::leave_out(const std::vector<bool>& marked) {
  const SparsePattern& pattern = *pattern_;
  const auto is_out = [&](std::size_t k) {
    return marked[static_cast<std::size_t>(pattern.order[k])];
  };
  for (std::size_t k = 0; k < pattern.order.size(); ++k)
    for (std::size_t t = pattern.start[k]; t < pattern.start[k + 1]; ++t)
      if (is_out(k) || is_out(static_cast<std::size_t>(pattern.row[t]))) values_[t] = 0.0;
}

void SparseRoot::scale(double root_factor) {
  for (double& value : values_) value *= root_factor;
}

// Z over the columns that are full.
Matrix SparseRoot::inverse_of_full(unsigned threads) const {
  const SparsePattern& pattern = *pattern_;
  const std::size_t from = pattern.full_from, m = pattern.order.size() - from;
  std::vector<std::size_t> used;
  for (std::size_t j = 0; j < m; ++j)
    if (values_[pattern.start[from + j]] != 0.0) used.push_back(j);
  Matrix root(used.size(), used.size());
  for (std::size_t b = 0; b < used.size(); ++b)
    for (std::size_t a = 0; a <= b; ++a)
      root(a, b) = values_[pattern.start[from + used[a]] + (used[b] - used[a])];
  return DenseRoot(m, std::move(used), std::move(root)).full_inverse(threads);
}

// Z times each column's elements in rows that are full, where the column has elements. Block by block of Z, which stays in the cache.
std::vector<double> SparseRoot::times_full(const Matrix& inverse, unsigned threads) const {
  const SparsePattern& pattern = *pattern_;
  const std::size_t from = pattern.full_from, m = inverse.cols();
  std::vector<double> products(values_.size());
  constexpr std::size_t columns_of_block = 64, lanes = 16;
  run_lanes(
      lanes, threads,
      [&](std::size_t lane, std::size_t) {
        const std::size_t first = from * lane / lanes, last = from * (lane + 1) / lanes;
        std::vector<std::size_t> tail, next;
        for (std::size_t j = first; j < last; ++j) {
          const auto begin = pattern.row.begin();
          tail.push_back(static_cast<std::size_t>(
              std::lower_bound(begin + static_cast<std::ptrdiff_t>(pattern.start[j]),
                               begin + static_cast<std::ptrdiff_t>(pattern.start[j + 1]),
                               static_cast<int>(from)) -
              begin));
        }
        next = tail;
        for (std::size_t block = 0; block < m; block += columns_of_block) {
          const auto end = static_cast<int>(from + block + columns_of_block);
          for (std::size_t j = first; j < last; ++j)
            for (std::size_t& t = next[j - first]; t < pattern.start[j + 1] && pattern.row[t] < end;
                 ++t) {
              const double* column =
                  inverse.column(static_cast<std::size_t>(pattern.row[t]) - from);
              for (std::size_t s = tail[j - first]; s < pattern.start[j + 1]; ++s)
                products[s] += values_[t] * column[static_cast<std::size_t>(pattern.row[s]) - from];
            }
        }
      },
      nullptr);
  return products;
}

// Columns backwards: Z = S^-1 has Z R' = R^-1, whose lower triangle is known to be zero (Takahashi, Fagan and Chin 1973; Erisman and
// Tinney 1975, Communications of the ACM 18).
std::vector<double> SparseRoot::inverse_on_pattern(unsigned threads) const {
  const SparsePattern& pattern = *pattern_;
  const std::size_t q = pattern.order.size(), from = pattern.full_from;
  const Matrix full = inverse_of_full(threads);
  std::vector<double> inverse = times_full(full, threads), sums;
  for (std::size_t j = from; j < q; ++j)
    for (std::size_t i = j; i < q; ++i)
      inverse[pattern.start[j] + (i - j)] = full(i - from, j - from);
  std::vector<std::size_t> number(q, SparsePattern::nowhere);  // of a row in the column at hand
  for (std::size_t j = from; j-- > 0;) {
    const std::size_t begin = pattern.start[j], count = pattern.start[j + 1] - begin;
    const double pivot = values_[begin];
    sums.assign(inverse.begin() + static_cast<std::ptrdiff_t>(begin),
                inverse.begin() + static_cast<std::ptrdiff_t>(begin + count));
    std::fill_n(inverse.begin() + static_cast<std::ptrdiff_t>(begin), count, 0.0);
    if (pivot == 0.0) continue;
    for (std::size_t a = 1; a < count; ++a)
      number[static_cast<std::size_t>(pattern.row[begin + a])] = a;
    for (std::size_t b = 1; b < count; ++b) {
      const auto k = static_cast<std::size_t>(pattern.row[begin + b]);
      if (k >= from) break;
      const auto add = [&](std::size_t a, double element) {
        sums[a] += values_[begin + b] * element;
        if (a != b) sums[b] += values_[begin + a] * element;
      };
      constexpr std::size_t cost_of_search = 12;
      if ((count - b) * cost_of_search < pattern.start[k + 1] - pattern.start[k]) {
        for (std::size_t a = b; a < count; ++a)
          add(a, inverse[pattern.root_place(pattern.row[begin + a], static_cast<int>(k))]);
        continue;
      }
      for (std::size_t t = pattern.start[k]; t < pattern.start[k + 1]; ++t) {
        const std::size_t a = number[static_cast<std::size_t>(pattern.row[t])];
        if (a != SparsePattern::nowhere) add(a, inverse[t]);
      }
    }
    double diagonal = 1.0 / pivot;
    for (std::size_t a = 1; a < count; ++a) {
      inverse[begin + a] = -sums[a] / pivot;
      diagonal -= values_[begin + a] * inverse[begin + a];
      number[static_cast<std::size_t>(pattern.row[begin + a])] = SparsePattern::nowhere;
    }
    inverse[begin] = diagonal / pivot;
  }
  return inverse;
}

std::unique_ptr<ComplementInverse> SparseRoot::inverse(unsigned threads) const {
  return std::make_unique<SparseInverse>(pattern_, inverse_on_pattern(threads));
}

void SparseRoot::add_product(Information& information) const {
  const SparsePattern& pattern = *pattern_;
  for (std::size_t k = 0; k < pattern.order.size(); ++k)
    for (std::size_t s = pattern.start[k]; s < pattern.start[k + 1]; ++s)
      for (std::size_t t = pattern.start[k]; t <= s; ++t)
        information.add_to_corner(
            static_cast<std::size_t>(pattern.order[static_cast<std::size_t>(pattern.row[s])]),
            static_cast<std::size_t>(pattern.order[static_cast<std::size_t>(pattern.row[t])]),
            values_[s] * values_[t]);
}

}  // namespace glmpp
