#include "pair_sums.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "categorical_block.h"
#include "dense_block.h"
#include "linalg/gram.h"
#include "parallel/instruction_set.h"
#include "sparse_block.h"

namespace glmpp {

namespace {

double multiplier_of(const BlockTile& tile, std::size_t row) {
  return tile.has_multiplier ? tile.multiplier[row] : 1.0;
}

// The upper triangle of a block's own Gram matrix, mirrored.
void set_triangle(const CoefficientMap& map, const double* table, SymmetricElements& information) {
  for (std::size_t j = 0; j < map.width(); ++j)
    for (std::size_t i = 0; i <= j; ++i)
      information.set(map.position(i), map.position(j), table[i + j * map.width()]);
}

class DenseGram : public PairSums {
 public:
  explicit DenseGram(const Block& block) : block_(block) {}
  std::size_t table_size() const override { return block_.width() * block_.width(); }
  double row_cost() const override { return 1.0 * block_.width() * block_.width(); }
  void add(const BlockTile& tile, const BlockTile&, WeightedTile& weighted,
           double* table) const override {
    add_weighted_gram(tile.column.data(), tile.rows, block_.width(), weighted.weights,
                      weighted.scratch.data(), tile.leading_dimension, table, block_.width());
  }
  void set_information(const double* table, const CoefficientMap& map, const CoefficientMap&,
                       SymmetricElements& information) const override {
    set_triangle(map, table, information);
  }

 private:
  const Block& block_;
};

class SparseGram : public PairSums {
 public:
  explicit SparseGram(const SparseBlock& block) : block_(block) {}
  std::size_t table_size() const override { return block_.width() * block_.width(); }
  double row_cost() const override {
    return 50.0 * block_.mean_row_length() * block_.mean_row_length();
  }
  void add(const BlockTile& tile, const BlockTile&, WeightedTile& weighted,
           double* table) const override {
    block_.add_gram(tile, weighted.weights, table);
  }
  void set_information(const double* table, const CoefficientMap& map, const CoefficientMap&,
                       SymmetricElements& information) const override {
    set_triangle(map, table, information);
  }

 private:
  const SparseBlock& block_;
};

/// Weighted dense rows added up by cell; the table is cells x padded width, by rows.
class DenseByCells : public PairSums {
 public:
  DenseByCells(const Block& dense, const Block& cells)
      : dense_(dense), cells_(cells), row_length_(whole_rows(dense.width())) {}
  std::size_t row_length() const { return row_length_; }
  std::size_t table_size() const override { return row_length() * cells_.width(); }
  double row_cost() const override {
    constexpr std::size_t cached = 1 << 17;
    return 60.0 + (table_size() > cached ? 12.0 : 4.0) * row_length();
  }
  void add(const BlockTile& dense, const BlockTile& cells, WeightedTile& weighted,
           double* table) const override {
    if (weighted.row_length == 0) {
      weighted.row_length = row_length();
      transpose_tile(dense.column.data(), dense.rows, dense_.width(), weighted.weights,
                     weighted.rows_major.data(), row_length());
    }
    add_scaled_rows(weighted.rows_major.data(), row_length(), dense.rows, dense_.width(),
                    cells.cell.data(), cells.has_multiplier ? cells.multiplier.data() : nullptr,
                    table, cells_.width());
  }
  void set_information(const double* table, const CoefficientMap& a, const CoefficientMap& b,
                       SymmetricElements& information) const override {
    CoefficientMap::set_information(a, b, table, row_length(), information);
  }
  CellSums of_cell(bool, std::size_t cell) const override {
    CellSums sums;
    sums.count = dense_.width();
    sums.first_place = row_length() * cell;
    return sums;
  }

 private:
  // Registers that are stored whole.
  static std::size_t whole_rows(std::size_t width) {
    const std::size_t lanes = widest_lanes();
    return (width + lanes - 1) / lanes * lanes;
  }

  const Block& dense_;
  const Block& cells_;
  std::size_t row_length_;
};

/// Blocks over the same cells meet on the diagonal only.
class SameCells : public PairSums {
 public:
  SameCells(const Block& a, const Block& b) : a_(a), b_(b) {}
  std::size_t table_size() const override { return a_.width(); }
  double row_cost() const override { return 60.0; }
  void add(const BlockTile& a, const BlockTile& b, WeightedTile& weighted,
           double* table) const override {
    const double* w = weighted.weights;
    if (!a.has_multiplier && !b.has_multiplier)
      for (std::size_t i = 0; i < a.rows; ++i) table[a.cell[i]] += w[i];
    else
      for (std::size_t i = 0; i < a.rows; ++i)
        table[a.cell[i]] += w[i] * multiplier_of(a, i) * multiplier_of(b, i);
  }
  void set_information(const double* table, const CoefficientMap& a, const CoefficientMap& b,
                       SymmetricElements& information) const override {
    CoefficientMap::set_information_diagonal(a, b, table, information);
  }
  CellSums of_cell(bool, std::size_t cell) const override {
    CellSums sums;
    sums.count = 1;
    sums.first_column = sums.first_place = cell;
    return sums;
  }

 private:
  const Block& a_;
  const Block& b_;
};

/// The same, where they stand in the table of the dense block by these cells: weights by cell are what its column of ones adds up.
class CellsBesideOnes : public PairSums {
 public:
  CellsBesideOnes(const PairSums& by_cells, std::size_t ones) : by_cells_(by_cells), ones_(ones) {}
  std::size_t table_size() const override { return 0; }
  std::size_t reach() const override { return by_cells_.table_size(); }
  // That of a table of its own: what is decided by costs was measured with it.
  double row_cost() const override { return 60.0; }
  void add(const BlockTile&, const BlockTile&, WeightedTile&, double*) const override {}
  void set_information(const double* table, const CoefficientMap& a, const CoefficientMap& b,
                       SymmetricElements& information) const override {
    std::vector<double> diagonal(a.width());
    for (std::size_t cell = 0; cell < diagonal.size(); ++cell) diagonal[cell] = table[place(cell)];
    CoefficientMap::set_information_diagonal(a, b, diagonal.data(), information);
  }
  CellSums of_cell(bool, std::size_t cell) const override {
    CellSums sums;
    sums.count = 1;
    sums.first_column = cell;
    sums.first_place = place(cell);
    return sums;
  }

 private:
  std::size_t place(std::size_t cell) const { return by_cells_.of_cell(true, cell).place(ones_); }

  const PairSums& by_cells_;
  std::size_t ones_;
};

/// The weighted cross table of two factors.
class CrossTable : public PairSums {
 public:
  CrossTable(const Block& a, const Block& b) : a_(a), b_(b) {}
  std::size_t table_size() const override { return a_.width() * b_.width(); }
  double row_cost() const override { return 60.0; }
  void add(const BlockTile& a, const BlockTile& b, WeightedTile& weighted,
           double* table) const override {
    const double* w = weighted.weights;
    const std::size_t width = a_.width();
    if (!a.has_multiplier && !b.has_multiplier)
      for (std::size_t i = 0; i < a.rows; ++i)
        table[static_cast<std::size_t>(a.cell[i]) + width * static_cast<std::size_t>(b.cell[i])] +=
            w[i];
    else
      for (std::size_t i = 0; i < a.rows; ++i)
        table[static_cast<std::size_t>(a.cell[i]) + width * static_cast<std::size_t>(b.cell[i])] +=
            w[i] * multiplier_of(a, i) * multiplier_of(b, i);
  }
  void set_information(const double* table, const CoefficientMap& a, const CoefficientMap& b,
                       SymmetricElements& information) const override {
    CoefficientMap::set_information(a, b, table, a_.width(), information);
  }
  CellSums of_cell(bool is_of_b, std::size_t cell) const override {
    CellSums sums;
    sums.count = is_of_b ? a_.width() : b_.width();
    sums.first_place = is_of_b ? a_.width() * cell : cell;
    sums.stride = is_of_b ? 1 : a_.width();
    return sums;
  }

 private:
  const Block& a_;
  const Block& b_;
};

/// The same where most cells are empty: a sum for each that is not, sorted by cells of a, then of b. Their numbers are found once.
class SparseCrossTable : public PairSums {
 public:
  SparseCrossTable(const Block& a, const Block& b, std::size_t rows)
      : b_of_row_(rows), start_(a.width() + 1) {
    std::vector<int> a_of_row(rows);
    read_cells(a, rows, a_of_row);
    read_cells(b, rows, b_of_row_);
    find_cells(a_of_row, b.width());
  }

  std::size_t table_size() const override { return b_of_cell_.size(); }
  double row_cost() const override { return 60.0; }
  void add(const BlockTile& a, const BlockTile& b, WeightedTile& weighted,
           double* table) const override {
    const double* w = weighted.weights;
    const int* slot = b_of_row_.data() + a.first_row;
    if (!a.has_multiplier && !b.has_multiplier)
      for (std::size_t i = 0; i < a.rows; ++i) table[slot[i]] += w[i];
    else
      for (std::size_t i = 0; i < a.rows; ++i)
        table[slot[i]] += w[i] * multiplier_of(a, i) * multiplier_of(b, i);
  }
  // One of the two is inner, always.
  void set_information(const double*, const CoefficientMap&, const CoefficientMap&,
                       SymmetricElements&) const override {
    throw std::logic_error("a sparse cross table has no place among dense sums");
  }
  CellSums of_cell(bool is_of_b, std::size_t cell) const override {
    CellSums sums;
    const auto& start = is_of_b ? b_start_ : start_;
    sums.count = start[cell + 1] - start[cell];
    sums.columns = (is_of_b ? a_by_b_ : b_of_cell_).data() + start[cell];
    sums.first_place = start[cell];
    if (is_of_b) sums.places = by_b_.data() + start[cell];
    return sums;
  }

 private:
  static void read_cells(const Block& block, std::size_t rows, std::vector<int>& cells) {
    constexpr std::size_t length = 1024;
    BlockTile tile;
    block.prepare(length, tile);
    for (std::size_t first = 0; first < rows; first += length) {
      const std::size_t count = std::min(length, rows - first);
      block.load({first, count}, tile);
      std::copy_n(tile.cell.data(), count, cells.data() + first);
    }
  }

  // By keys below `width`; of equal ones the order stays.
  static std::vector<std::uint32_t> sorted(const std::vector<std::uint32_t>& rows,
                                           const std::vector<int>& key, std::size_t width) {
    std::vector<std::uint32_t> next(width + 1), found(rows.size());
    for (int of_row : key) ++next[static_cast<std::size_t>(of_row) + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    for (std::uint32_t i : rows) found[next[static_cast<std::size_t>(key[i])]++] = i;
    return found;
  }

  // Rows by a, and within it by b: each cell's follow each other.
  void find_cells(const std::vector<int>& a_of_row, std::size_t b_width) {
    std::vector<std::uint32_t> row(a_of_row.size());
    std::iota(row.begin(), row.end(), 0u);
    row = sorted(sorted(row, b_of_row_, b_width), a_of_row, start_.size() - 1);
    std::vector<int> a_of_cell;
    for (std::uint32_t i : row) {
      const int a = a_of_row[i], b = b_of_row_[i];
      if (a_of_cell.empty() || a_of_cell.back() != a || b_of_cell_.back() != b) {
        a_of_cell.push_back(a);
        b_of_cell_.push_back(b);
        ++start_[static_cast<std::size_t>(a) + 1];
      }
      // It is not read again.
      b_of_row_[i] = static_cast<int>(b_of_cell_.size()) - 1;
    }
    std::partial_sum(start_.begin(), start_.end(), start_.begin());
    b_start_.assign(b_width + 1, 0);
    for (int b : b_of_cell_) ++b_start_[static_cast<std::size_t>(b) + 1];
    std::partial_sum(b_start_.begin(), b_start_.end(), b_start_.begin());
    by_b_.resize(b_of_cell_.size());
    a_by_b_.resize(b_of_cell_.size());
    std::vector<std::size_t> place(b_start_.begin(), b_start_.end() - 1);
    for (std::size_t s = 0; s < b_of_cell_.size(); ++s) {
      const std::size_t t = place[static_cast<std::size_t>(b_of_cell_[s])]++;
      by_b_[t] = s;
      a_by_b_[t] = a_of_cell[s];
    }
  }

  std::vector<int> b_of_row_;  ///< while cells are looked for; then the number of the row's cell
  std::vector<std::size_t> start_;  ///< of the cells of each level of a
  std::vector<int> b_of_cell_;
  std::vector<std::size_t> b_start_, by_b_;  ///< the same cells by levels of b
  std::vector<int> a_by_b_;
};

}  // namespace

CellSums PairSums::of_cell(bool, std::size_t) const {
  throw std::logic_error("this pair of blocks has no cells");
}

const Block* block_beside_ones(const Block& a, const Block& b) {
  const auto* cells_a = dynamic_cast<const CategoricalBlock*>(&a);
  const auto* cells_b = dynamic_cast<const CategoricalBlock*>(&b);
  if (!cells_a || !cells_b || !cells_a->has_same_cells(*cells_b)) return nullptr;
  if (!cells_a->has_multiplier()) return cells_b;
  return cells_b->has_multiplier() ? nullptr : cells_a;
}

std::unique_ptr<PairSums> make_sums_beside_ones(const Block& dense, const PairSums& by_cells) {
  const auto* columns = dynamic_cast<const DenseBlock*>(&dense);
  if (!columns || columns->column_of_ones() == columns->width()) return nullptr;
  return std::make_unique<CellsBesideOnes>(by_cells, columns->column_of_ones());
}

std::unique_ptr<PairSums> make_sparse_pair_sums(const Block& a, const Block& b, std::size_t rows) {
  const auto* cells_a = dynamic_cast<const CategoricalBlock*>(&a);
  const auto* cells_b = dynamic_cast<const CategoricalBlock*>(&b);
  if (!cells_a || !cells_b || cells_a->has_same_cells(*cells_b)) return nullptr;
  if (static_cast<double>(a.width()) * static_cast<double>(b.width()) <= static_cast<double>(rows))
    return nullptr;
  return std::make_unique<SparseCrossTable>(a, b, rows);
}

std::unique_ptr<PairSums> make_pair_sums(const Block& a, const Block& b) {
  const auto* dense_a = dynamic_cast<const DenseBlock*>(&a);
  const auto* dense_b = dynamic_cast<const DenseBlock*>(&b);
  const auto* cells_a = dynamic_cast<const CategoricalBlock*>(&a);
  const auto* cells_b = dynamic_cast<const CategoricalBlock*>(&b);
  const auto* sparse_a = dynamic_cast<const SparseBlock*>(&a);
  if (sparse_a && &a == &b) return std::make_unique<SparseGram>(*sparse_a);
  if (dense_a && dense_a == dense_b) return std::make_unique<DenseGram>(a);
  if (dense_a && cells_b) return std::make_unique<DenseByCells>(a, b);
  if (cells_a && cells_b && cells_a->has_same_cells(*cells_b))
    return std::make_unique<SameCells>(a, b);
  if (cells_a && cells_b) return std::make_unique<CrossTable>(a, b);
  throw std::logic_error("no way to sum this pair of blocks");
}

}  // namespace glmpp
