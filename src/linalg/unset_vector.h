#ifndef GLMPP_LINALG_UNSET_VECTOR_H
#define GLMPP_LINALG_UNSET_VECTOR_H

#include <memory>
#include <utility>
#include <vector>

namespace glmpp {

/// Leaves elements of a vector that get no value as the memory has them.
template <class T>
class UnsetAllocator : public std::allocator<T> {
 public:
  template <class U>
  struct rebind {
    using other = UnsetAllocator<U>;
  };

  using std::allocator<T>::allocator;
  template <class U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Values>
  void construct(U* at, Values&&... values) {
    ::new (static_cast<void*>(at)) U(std::forward<Values>(values)...);
  }
};

/// For many doubles, all of which are about to be written: setting them to zero before takes as long as writing them.
using UnsetVector = std::vector<double, UnsetAllocator<double>>;

}  // namespace glmpp

#endif
