#ifndef GLMPP_FAMILY_NAMED_LIST_H
#define GLMPP_FAMILY_NAMED_LIST_H

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace glmpp {

/// What a factory knows, in the order it lists it.
template <class T>
using NamedList = std::vector<std::pair<std::string, T>>;

template <class T>
std::vector<std::string> names_of(const NamedList<T>& list) {
  std::vector<std::string> names;
  for (const auto& entry : list) names.push_back(entry.first);
  return names;
}

/// Throws std::invalid_argument with the known names when `name` is not among them.
template <class T>
const T& find_named(const NamedList<T>& list, const std::string& name, const std::string& what) {
  for (const auto& entry : list)
    if (entry.first == name) return entry.second;
  std::string message = "unknown " + what + " \"" + name + "\"; known:";
  for (const auto& entry : list) message += " " + entry.first;
  throw std::invalid_argument(message);
}

}  // namespace glmpp

#endif
