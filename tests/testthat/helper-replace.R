# The code runs while a function of the package is another.
with_replaced <- function(name, replacement, code) {
  space <- asNamespace("glmpp")
  original <- get(name, space)
  set <- function(value) {
    unlockBinding(name, space)
    assign(name, value, space)
    lockBinding(name, space)
  }
  on.exit(set(original))
  set(replacement)
  force(code)
}
