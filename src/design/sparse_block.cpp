#include "sparse_block.h"

#include <numeric>
#include <stdexcept>
#include <utility>

namespace glmpp {

SparseBlock::SparseBlock(const CompressedColumns& matrix, std::vector<std::size_t> position)
    : Block(CoefficientMap::identity(std::move(position))), matrix_(matrix) {}

SparseBlock::SparseBlock(std::size_t rows, OwnColumns columns, std::vector<std::size_t> position)
    : Block(CoefficientMap::identity(std::move(position))),
      own_(std::make_unique<OwnColumns>(std::move(columns))),
      matrix_{rows, own_->start.size() - 1, own_->start.data(), own_->row.data(),
              own_->value.data()} {}

void SparseBlock::turn() const {
  const auto count = entries();
  start_.assign(matrix_.rows + 1, 0);
  for (std::size_t e = 0; e < count; ++e) ++start_[static_cast<std::size_t>(matrix_.row[e]) + 1];
  std::partial_sum(start_.begin(), start_.end(), start_.begin());
  column_.resize(count);
  value_.resize(count);
  std::vector<std::size_t> next(start_.begin(), start_.end() - 1);
  // Column by column: the entries of a row come in the order of their columns.
  for (std::size_t j = 0; j < matrix_.columns; ++j)
    for (int e = matrix_.start[j]; e < matrix_.start[j + 1]; ++e) {
      const std::size_t slot = next[static_cast<std::size_t>(matrix_.row[e])]++;
      column_[slot] = static_cast<int>(j);
      value_[slot] = matrix_.value[e];
    }
}

double SparseBlock::mean_row_length() const {
  return static_cast<double>(entries()) / static_cast<double>(matrix_.rows + 1);
}

double SparseBlock::row_cost() const { return 100.0 * mean_row_length(); }

void SparseBlock::prepare(std::size_t, BlockTile&) const {
  std::call_once(is_turned_, [this] { turn(); });
}

void SparseBlock::load(RowRange rows, BlockTile& tile) const {
  tile.rows = rows.count;
  tile.first_row = rows.begin;
}

void SparseBlock::add_linear_predictor(const BlockTile& tile, const double* own,
                                       double* eta) const {
  for (std::size_t i = 0; i < tile.rows; ++i) {
    double sum = 0.0;
    for (std::size_t e = start_[tile.first_row + i]; e < start_[tile.first_row + i + 1]; ++e)
      sum += value_[e] * own[column_[e]];
    eta[i] += sum;
  }
}

void SparseBlock::add_score(const BlockTile& tile, const double* residual,
                            double* own_score) const {
  for (std::size_t i = 0; i < tile.rows; ++i)
    for (std::size_t e = start_[tile.first_row + i]; e < start_[tile.first_row + i + 1]; ++e)
      own_score[column_[e]] += value_[e] * residual[i];
}

void SparseBlock::expand(const BlockTile& tile, double* out, std::size_t leading_dimension) const {
  for (std::size_t i = 0; i < tile.rows; ++i)
    for (std::size_t e = start_[tile.first_row + i]; e < start_[tile.first_row + i + 1]; ++e)
      map().add_row(static_cast<std::size_t>(column_[e]), value_[e], out + i, leading_dimension);
}

void SparseBlock::visit_row(const BlockTile& tile, std::size_t row,
                            const VisitElement& visit) const {
  for (std::size_t e = start_[tile.first_row + row]; e < start_[tile.first_row + row + 1]; ++e)
    visit(map().position(static_cast<std::size_t>(column_[e])), value_[e]);
}

void SparseBlock::add_gram(const BlockTile& tile, const double* weights, double* table) const {
  for (std::size_t i = 0; i < tile.rows; ++i) {
    const std::size_t begin = start_[tile.first_row + i], end = start_[tile.first_row + i + 1];
    for (std::size_t b = begin; b < end; ++b) {
      const double scaled = weights[i] * value_[b];
      double* column = table + static_cast<std::size_t>(column_[b]) * width();
      for (std::size_t a = begin; a <= b; ++a) column[column_[a]] += scaled * value_[a];
    }
  }
}

ColumnView SparseBlock::view(std::size_t k, std::size_t) const {
  const int first = matrix_.start[k];
  return ColumnView::sparse(static_cast<std::size_t>(matrix_.start[k + 1] - first),
                            matrix_.row + first, matrix_.value + first);
}

std::unique_ptr<Block> SparseBlock::restricted(const std::vector<std::size_t>& place) const {
  std::vector<std::size_t> position;
  OwnColumns kept;
  kept.start.push_back(0);
  for (std::size_t k : map().kept(place)) {
    const auto begin = matrix_.start[k], end = matrix_.start[k + 1];
    kept.row.insert(kept.row.end(), matrix_.row + begin, matrix_.row + end);
    kept.value.insert(kept.value.end(), matrix_.value + begin, matrix_.value + end);
    kept.start.push_back(static_cast<int>(kept.row.size()));
    position.push_back(place[map().position(k)]);
  }
  if (position.empty()) return nullptr;
  return std::make_unique<SparseBlock>(matrix_.rows, std::move(kept), std::move(position));
}

void SparseBlock::add_squares(const BlockTile& tile, const double* weights,
                              double* own_squares) const {
  for (std::size_t i = 0; i < tile.rows; ++i)
    for (std::size_t e = start_[tile.first_row + i]; e < start_[tile.first_row + i + 1]; ++e)
      own_squares[column_[e]] += weights[i] * value_[e] * value_[e];
}

}  // namespace glmpp
