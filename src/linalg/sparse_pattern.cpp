#include "sparse_pattern.h"

#include <Eigen/OrderingMethods>
#include <Eigen/SparseCore>
#include <algorithm>
#include <stdexcept>

#include "information.h"

namespace glmpp {

namespace {

// The kernels for dense matrices do so many products in the time of one that gathers.
constexpr double gain = 10.0;

double dense_products(const BorderedShape& shape) {
  const double border = static_cast<double>(shape.border.size());
  const double rows = static_cast<double>(shape.inner.size()) * border * border / 2.0;
  return std::min(rows, gain * shape.squares / 2.0) + border * border * border / 6.0;
}

// For each of the border, what it meets in the complement, itself included, ascending; empty where these are more than `most` in all.
std::vector<std::vector<int>> find_neighbours(const BorderedShape& shape,
                                              const SparsePattern& pattern, std::size_t most) {
  const std::size_t q = shape.border.size();
  std::vector<std::vector<int>> found(q), cells(q);
  for (std::size_t c = 0; c < shape.cells(); ++c) {
    const std::size_t k = shape.cell_start[c];
    for (std::size_t e = shape.row_start[k]; e < shape.row_start[k + 1]; ++e)
      cells[static_cast<std::size_t>(shape.column[e])].push_back(static_cast<int>(k));
  }
  for (std::size_t j = 0; j < q; ++j)
    for (std::size_t e = pattern.corner_start[j]; e < pattern.corner_start[j + 1]; ++e) {
      const int i = pattern.corner_row[e];
      found[j].push_back(i);
      if (static_cast<std::size_t>(i) != j)
        found[static_cast<std::size_t>(i)].push_back(static_cast<int>(j));
    }
  std::vector<char> is_there(q, 0);
  std::size_t total = 0;
  for (std::size_t j = 0; j < q; ++j) {
    std::vector<int>& own = found[j];
    for (int i : own) is_there[static_cast<std::size_t>(i)] = 1;
    for (int k : cells[j])
      for (std::size_t e = shape.row_start[static_cast<std::size_t>(k)];
           e < shape.row_start[static_cast<std::size_t>(k) + 1]; ++e) {
        char& there = is_there[static_cast<std::size_t>(shape.column[e])];
        if (!there) own.push_back(shape.column[e]);
        there = 1;
      }
    for (int i : own) is_there[static_cast<std::size_t>(i)] = 0;
    std::sort(own.begin(), own.end());
    total += own.size();
    if (total > most) return {};
  }
  return found;
}

std::vector<int> find_order(const std::vector<std::vector<int>>& neighbours) {
  const auto q = static_cast<int>(neighbours.size());
  Eigen::SparseMatrix<double, Eigen::ColMajor, int> matrix(q, q);
  std::vector<int> sizes;
  for (const auto& own : neighbours) sizes.push_back(static_cast<int>(own.size()));
  matrix.reserve(sizes);
  for (int j = 0; j < q; ++j)
    for (int i : neighbours[static_cast<std::size_t>(j)]) matrix.insert(i, j) = 1.0;
  matrix.makeCompressed();
  Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> order;
  Eigen::AMDOrdering<int>()(matrix, order);
  return std::vector<int>(order.indices().data(), order.indices().data() + q);
}

// A column of the root has what its own column of the complement has, and what the columns before it hand on: each to the first
// below its diagonal. False where the elements are more than `most`.
bool fill_in(const std::vector<std::vector<int>>& neighbours, std::size_t most,
             SparsePattern& pattern) {
  const std::size_t q = neighbours.size();
  std::vector<std::vector<std::size_t>> handed(q);
  std::vector<char> is_there(q, 0);
  pattern.start.assign(1, 0);
  for (std::size_t j = 0; j < q; ++j) {
    const std::size_t begin = pattern.row.size();
    const auto add = [&](int i) {
      if (static_cast<std::size_t>(i) <= j || is_there[static_cast<std::size_t>(i)]) return;
      is_there[static_cast<std::size_t>(i)] = 1;
      pattern.row.push_back(i);
    };
    pattern.row.push_back(static_cast<int>(j));
    for (int i : neighbours[static_cast<std::size_t>(pattern.order[j])])
      add(pattern.place[static_cast<std::size_t>(i)]);
    for (std::size_t k : handed[j])
      for (std::size_t e = pattern.start[k]; e < pattern.start[k + 1]; ++e) add(pattern.row[e]);
    if (pattern.row.size() > most) return false;
    std::sort(pattern.row.begin() + static_cast<std::ptrdiff_t>(begin), pattern.row.end());
    for (std::size_t e = begin; e < pattern.row.size(); ++e)
      is_there[static_cast<std::size_t>(pattern.row[e])] = 0;
    if (pattern.row.size() > begin + 1)
      handed[static_cast<std::size_t>(pattern.row[begin + 1])].push_back(j);
    pattern.start.push_back(pattern.row.size());
  }
  return true;
}

// The last columns have most elements that they can have: as if they had all of them.
void fill_last(SparsePattern& pattern) {
  constexpr double enough = 0.5;
  const std::size_t q = pattern.order.size();
  std::size_t from = q;
  double elements = 0.0, all = 0.0;
  for (std::size_t j = q; j-- > 0;) {
    elements += static_cast<double>(pattern.start[j + 1] - pattern.start[j]);
    all += static_cast<double>(q - j);
    if (elements >= enough * all) from = j;
  }
  pattern.row.resize(pattern.start[from]);
  for (std::size_t j = from; j < q; ++j) {
    for (std::size_t i = j; i < q; ++i) pattern.row.push_back(static_cast<int>(i));
    pattern.start[j + 1] = pattern.row.size();
  }
  pattern.finish();
}

void sort_corner(std::vector<SparsePattern::Element> corner, std::size_t q,
                 SparsePattern& pattern) {
  for (auto& [i, j] : corner)
    if (i > j) std::swap(i, j);
  for (std::size_t j = 0; j < q; ++j) corner.push_back({static_cast<int>(j), static_cast<int>(j)});
  std::sort(corner.begin(), corner.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second < b.second : a.first < b.first;
  });
  corner.erase(std::unique(corner.begin(), corner.end()), corner.end());
  pattern.corner_start.assign(q + 1, 0);
  for (const auto& [i, j] : corner) {
    pattern.corner_row.push_back(i);
    ++pattern.corner_start[static_cast<std::size_t>(j) + 1];
  }
  for (std::size_t j = 0; j < q; ++j) pattern.corner_start[j + 1] += pattern.corner_start[j];
}

std::size_t find_place(const std::vector<std::size_t>& start, const std::vector<int>& row, int i,
                       std::size_t column) {
  const auto begin = row.begin() + static_cast<std::ptrdiff_t>(start[column]),
             end = row.begin() + static_cast<std::ptrdiff_t>(start[column + 1]);
  const auto found = std::lower_bound(begin, end, i);
  if (found == end || *found != i) return SparsePattern::nowhere;
  return static_cast<std::size_t>(found - row.begin());
}

}  // namespace

std::size_t SparsePattern::corner_place(std::size_t i, std::size_t j) const {
  return find_place(corner_start, corner_row, static_cast<int>(std::min(i, j)), std::max(i, j));
}

std::size_t SparsePattern::root_place(int i, int column) const {
  const std::size_t found = find_place(start, row, i, static_cast<std::size_t>(column));
  if (found == nowhere) throw std::logic_error("a sparse root lacks an element");
  return found;
}

void SparsePattern::finish() {
  const std::size_t q = order.size();
  full_from = q;
  while (full_from > 0 && start[full_from] - start[full_from - 1] == q - (full_from - 1))
    --full_from;
}

double SparsePattern::products() const {
  double sum = 0.0;
  for (std::size_t j = 0; j < full_from; ++j) {
    const double length = static_cast<double>(start[j + 1] - start[j]);
    sum += length * length / 2.0;
  }
  const double full = static_cast<double>(order.size() - full_from);
  return sum + full * full * full / 6.0 / gain;
}

std::shared_ptr<const SparsePattern> SparsePattern::find(const BorderedShape& shape,
                                                         std::vector<Element> corner, bool always) {
  const std::size_t q = shape.border.size();
  const double dense = dense_products(shape), by_rows = gain * shape.squares / 2.0;
  if (!always && by_rows > dense / 2.0) return nullptr;
  auto pattern = std::make_shared<SparsePattern>();
  sort_corner(std::move(corner), q, *pattern);
  constexpr std::size_t most_elements = 150000000;
  const std::size_t most =
      always ? static_cast<std::size_t>(-1) : std::min(q * q / 8, most_elements);
  const auto neighbours = find_neighbours(shape, *pattern, most);
  if (neighbours.empty()) return nullptr;
  pattern->order = find_order(neighbours);
  pattern->place.resize(q);
  for (std::size_t k = 0; k < q; ++k)
    pattern->place[static_cast<std::size_t>(pattern->order[k])] = static_cast<int>(k);
  if (!fill_in(neighbours, most, *pattern)) return nullptr;
  fill_last(*pattern);
  if (!always && by_rows + gain * pattern->products() > dense) return nullptr;
  return pattern;
}

}  // namespace glmpp
