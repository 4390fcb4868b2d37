#include "huge_pages.h"

#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace glmpp {

#if defined(__linux__) && defined(MADV_HUGEPAGE)
void advise_huge_pages(void* room, std::size_t bytes) {
  constexpr std::size_t page = std::size_t{1} << 21, worthwhile = 8 * page;
  if (bytes < worthwhile) return;
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(room);
  const std::uintptr_t first = (begin + page - 1) / page * page,
                       last = (begin + bytes) / page * page;
  madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}
#else
void advise_huge_pages(void*, std::size_t) {}
#endif

}  // namespace glmpp
