#ifndef GLMPP_PARALLEL_HUGE_PAGES_H
#define GLMPP_PARALLEL_HUGE_PAGES_H

#include <cstddef>

namespace glmpp {

/// Asks the system to back room that is about to be written with huge pages, where it has them: first touching a
/// vector of 80 MB by pages of 4 kB costs more than a pass over it.
void advise_huge_pages(void* room, std::size_t bytes);

}  // namespace glmpp

#endif
