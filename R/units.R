# Dates, times and units: what a number of a variable counts. New rows are brought to the unit of the fit.

# NULL for plain numbers and all that R takes for numbers.
unit_of <- function(column) {
  if (!is.object(column) || is.factor(column)) NULL
  else if (inherits(column, "difftime")) attr(column, "units")
  else if (inherits(column, "Date")) "Date"
  else if (inherits(column, "POSIXct")) structure("POSIXct", zone = attr(column, "tzone")[1])
  else if (inherits(column, "units")) structure(as.character(attr(column, "units")), is_physical = TRUE)
  else if (is.object(column) && typeof(column) %in% c("double", "integer") && !is.numeric(column) && !is.factor(column)) class(column)[1]
}

predictor_names <- function(terms) {
  variables <- attr(terms, "variables")
  response <- attr(terms, "response")
  all.vars(if (response > 0) variables[-(response + 1)] else variables)
}

# Of the variables as the data have them, from which a formula may take numbers.
units_of_variables <- function(names, data, envir) {
  units <- list()
  for (name in names) {
    value <- if (is.list(data) && name %in% names(data)) .subset2(data, name) else get0(name, if (is.environment(data)) data else envir)
    if (is.object(value)) units[[name]] <- unit_of(value)
  }
  units
}

# Terms from afar carry them to the schema.
with_units <- function(terms, data, envir) {
  units <- units_of_variables(predictor_names(terms), data, envir)
  if (length(units)) attr(terms, "units") <- units
  terms
}

with_units_of_fit <- function(newdata, units) {
  if (!is.list(newdata)) return(newdata)
  for (name in intersect(names(units), names(newdata))) newdata[[name]] <- in_unit(newdata[[name]], units[[name]], name)
  newdata
}

# A difference of date-times takes a unit by its own size, in the new rows another one perhaps.
frame_in_units <- function(frame, variables) {
  for (variable in variables) {
    if (is.null(variable$unit) || !variable$frame_name %in% names(frame)) next
    frame[[variable$frame_name]] <- in_unit(frame[[variable$frame_name]], variable$unit, variable$frame_name)
  }
  frame
}

in_unit <- function(column, unit, name) {
  own <- unit_of(column)
  if (identical(c(own), "POSIXct") && identical(c(unit), "POSIXct")) return(in_zone(column, unit))
  if (is.null(unit) || identical(c(own), c(unit)) && identical(attr(own, "is_physical"), attr(unit, "is_physical"))) return(column)
  if (is.character(column) || is.factor(column)) stop_text_for_unit(name, column, unit)
  if (is.null(own)) return(column)
  if (unit %in% c("Date", "POSIXct") && own %in% c("Date", "POSIXct")) return(as_other_time(column, unit, name))
  if (inherits(column, "difftime") && unit %in% c("secs", "mins", "hours", "days", "weeks") && !unit %in% c("Date", "POSIXct") && is.null(attr(unit, "is_physical"))) {
    units(column) <- unit
    return(column)
  }
  if (!is.null(attr(own, "is_physical")) && !is.null(attr(unit, "is_physical"))) {
    return(tryCatch(units::set_units(column, c(unit), mode = "standard"), error = function(e) stop_unit(name, own, unit)))
  }
  stop_unit(name, own, unit)
}

# The same instants, whose hours and days are those of the fit's zone.
in_zone <- function(column, unit) {
  if (!identical(attr(column, "tzone")[1], attr(unit, "zone"))) attr(column, "tzone") <- attr(unit, "zone")
  column
}

# A day and an instant are the same only at midnight of a known zone.
as_other_time <- function(column, unit, name) {
  if (unit == "Date") {
    zone <- attr(column, "tzone")[1] %||% ""
    date <- as.Date(column, tz = zone)
    same <- as.POSIXct(format(date), tz = zone) == column
  } else {
    zone <- attr(unit, "zone") %||% ""
    date <- as.POSIXct(format(column), tz = zone)
    same <- as.numeric(date) == 86400 * as.numeric(column)
  }
  if (isTRUE(all(same, na.rm = TRUE))) return(date)
  stop_unit(name, if (unit == "Date") "POSIXct" else "Date", unit)
}

stop_unit <- function(name, own, unit) {
  stop_glmpp("newdata", sprintf("`%s` must be in the unit of the fit, %s.", name, c(unit)), x = sprintf("In `newdata` it is %s.", c(own)),
             i = if (unit == "Date") sprintf("A date-time counts seconds, a date days: write `as.Date(%s)`.", name)
                 else if (unit == "POSIXct") sprintf("A date-time counts seconds, a date days: write `as.POSIXct(%s, tz = )`.", name)
                 else "Convert it before.")
}

stop_text_for_unit <- function(name, column, unit) {
  remedy <- switch(c(unit), Date = sprintf("as.Date(%s)", name), POSIXct = sprintf("as.POSIXct(%s, tz = )", name),
                   sprintf("as.difftime(as.numeric(%s), units = \"%s\")", name, c(unit)))
  stop_glmpp("newdata", sprintf("`%s` must be %s, as in the fit.", name, if (unit %in% c("Date", "POSIXct")) c(unit) else sprintf("a number of %s", c(unit))),
             x = sprintf("In `newdata` it is %s, such as %s.", if (is.factor(column)) "a factor" else "text", dQuote(as.character(column)[1], FALSE)),
             i = sprintf("Write `%s`.", remedy))
}
