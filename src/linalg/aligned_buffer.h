#ifndef GLMPP_LINALG_ALIGNED_BUFFER_H
#define GLMPP_LINALG_ALIGNED_BUFFER_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace glmpp {

/// Zeroed doubles that start on a 64-byte boundary, as the kernels want them.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) { resize(size); }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  AlignedBuffer(AlignedBuffer&&) = default;
  AlignedBuffer& operator=(AlignedBuffer&&) = default;

  void resize(std::size_t size) {
    storage_.assign(size + 8, 0.0);
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    offset_ = (64 - address % 64) % 64 / sizeof(double);
    size_ = size;
  }

  double* data() { return storage_.data() + offset_; }
  const double* data() const { return storage_.data() + offset_; }
  std::size_t size() const { return size_; }
  double& operator[](std::size_t i) { return data()[i]; }
  double operator[](std::size_t i) const { return data()[i]; }
  void fill(double value) { std::fill_n(data(), size_, value); }

 private:
  std::vector<double> storage_;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

inline std::size_t padded_to_8(std::size_t count) { return (count + 7) / 8 * 8; }

/// An odd multiple of 8, which keeps the columns of a tile out of each other's cache sets.
inline std::size_t tile_leading_dimension(std::size_t rows) {
  const std::size_t padded = padded_to_8(rows);
  return padded / 8 % 2 == 0 ? padded + 8 : padded;
}

}  // namespace glmpp

#endif
