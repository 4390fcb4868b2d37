# Columns of unusual classes, made what they mean before anything else reads them: integer64 becomes double, and NA is what
# the column's own is.na() says.

# The variables of `data` that are `used`, before a formula is evaluated in them: the bits of an integer64 are those of another
# double, which whatever does not know the class would compute with.
plain_data <- function(data, used = names(data)) {
  if (is.environment(data)) return(plain_environment(data, used))
  if (!is.list(data)) return(data)
  found <- which(vapply(data, is.object, NA, USE.NAMES = FALSE))
  if (!length(found)) return(data)
  found <- found[vapply(found, function(k) holds_integer64(.subset2(data, k)), NA)]
  if (length(found) && !"." %in% used) found <- found[names(data)[found] %in% used]
  for (k in found) data[[k]] <- plain_integer64(.subset2(data, k), names(data)[k])
  data
}

holds_integer64 <- function(column) {
  inherits(column, "integer64") || is.data.frame(column) && any(vapply(column, holds_integer64, NA))
}

# An environment in front of the other, with the integer64 variables as doubles.
plain_environment <- function(envir, used) {
  found <- Filter(holds_integer64, mget(used, envir, mode = "numeric", inherits = TRUE, ifnotfound = list(NULL)))
  if (!length(found)) return(envir)
  list2env(Map(plain_integer64, found, names(found)), parent = envir)
}

# Made again by our own reading where the fit did not keep it.
#' @export
model.frame.glmpp <- function(formula, ...) {
  is_other <- ...length() > 0 && any(c("data", "na.action", "subset") %in% names(list(...)))
  model <- .subset2(formula, "model")
  if (!is_other && !is.null(model)) return(model)
  if (is_other) return(plain_frame(NextMethod()))
  frame_without_counts(read_frame(.subset2(formula, "call"), environment(.subset2(formula, "terms"))))
}

# Names for groups of rows: integer64 by its bits, which as.character() would round.
group_labels <- function(group) {
  if (!inherits(group, "integer64")) return(plain_column(group, "cluster"))
  halves <- integer64_halves(group)
  ifelse(halves$is_missing, NA, paste(halves$high, halves$low))
}

# A model frame, a response or weights. What is left of a class is only what new rows can be held against (dates, units).
plain_frame <- function(frame) {
  for (k in seq_along(frame)) {
    column <- .subset2(frame, k)
    if (!is.object(column)) next
    plain <- if (names(frame)[k] == "(cluster)") group_labels(column) else plain_column(column, names(frame)[k])
    if (!identical(plain, column)) frame[[k]] <- plain
  }
  frame
}

plain_column <- function(column, name) {
  if (!is.object(column)) return(column)
  if (inherits(column, "integer64")) return(plain_integer64(column, name))
  if (all(class(column) %in% without_own_missing) || isS4(column)) return(column)
  missing_as_na(column, name)
}

# Classes whose is.na() is that of their values.
without_own_missing <- c("factor", "ordered", "Date", "POSIXct", "POSIXt", "difftime", "AsIs", "table", "ts", "mts", "matrix",
                         "array", "poly", "bs", "ns", "basis")

missing_as_na <- function(column, name) {
  if (!is.atomic(column)) return(column)
  missing <- tryCatch(is.na(column), error = function(e) NULL)
  values <- unclass(column)
  if (length(missing) != length(values) || !any(new <- missing & !is.na(values))) return(column)
  values[new] <- NA
  attributes(values) <- attributes(column)
  values
}

plain_integer64 <- function(column, name) {
  if (is.data.frame(column)) return(plain_data(column))
  halves <- integer64_halves(column)
  beyond <- which(with(halves, high > 2^21 | high == 2^21 & low > 0 | high < -2^21 & !is_missing))
  if (length(beyond)) stop_integer64(name, beyond)
  values <- halves$high * 2^32 + halves$low
  values[halves$is_missing] <- NA
  kept <- attributes(column)[c("dim", "dimnames", "names")]
  attributes(values) <- kept[lengths(kept) > 0]
  values
}

stop_integer64 <- function(name, rows) {
  stop_glmpp("integer64", sprintf("`%s` is integer64, with numbers that a double does not hold exactly.", name),
             x = sprintf("Beyond 2^53: %s (%s in all).", rows_text(rows), format(length(rows))),
             i = "An identifier? Make it text by `as.character()` in the data. A quantity? Make it double by `as.numeric()` there.")
}

# A number is high * 2^32 + low; the least of all stands for NA.
integer64_halves <- function(column) {
  bytes <- writeBin(as.vector(unclass(column)), raw(), endian = "little")
  halves <- matrix(as.double(readBin(bytes, "integer", 2 * length(column), 4, endian = "little")), 2)
  halves[is.na(halves)] <- -2^31
  low <- halves[1, ]
  list(low = ifelse(low < 0, low + 2^32, low), high = halves[2, ], is_missing = halves[2, ] == -2^31 & low == 0)
}
