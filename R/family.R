# Which R families run in C++, and under which names the core knows them. The core lists its
# variances and links itself (known_models_impl()).

native_families <- c(
  gaussian = "constant", binomial = "mu(1-mu)", quasibinomial = "mu(1-mu)", poisson = "mu",
  quasipoisson = "mu", Gamma = "mu^2", inverse.gaussian = "mu^3"
)

as_family <- function(family, envir) {
  if (is.character(family)) {
    if (length(family) != 1 || !exists(family, envir = envir, mode = "function")) stop_unknown_family(family)
    family <- get(family, envir = envir, mode = "function")
  }
  if (is.function(family)) family <- family()
  if (!is.list(family) || is.null(family$family)) stop_unknown_family(family)
  family
}

stop_unknown_family <- function(family) {
  known <- c(names(native_families), "quasi", "negative.binomial")
  guess <- nearest_names(family, known)
  stop_glmpp("family", "`family` not recognized: it must be a family object, a family function or its name.",
             x = if (is.character(family)) sprintf("There is no family function %s.", dQuote(family[1], FALSE))
                 else sprintf("It is %s.", describe_type(family)),
             i = if (length(guess)) sprintf("Did you mean %s?", comma(guess)),
             i = paste0("Families that run natively: ", comma(known, 20), "."))
}

# How the core is told of a family: by name when it is one the core has, its functions untouched;
# else by its functions.
core_family <- function(family) {
  native <- native_family(family)
  if (!is.null(native)) return(native)
  list(is_callback = TRUE, callbacks = list(
    linkinv = family$linkinv, mu.eta = family$mu.eta, variance = family$variance,
    dev.resids = family$dev.resids, valideta = family$valideta, validmu = family$validmu
  ))
}

native_family <- function(family) {
  link <- native_link(family)
  variance <- native_variance(family)
  if (is.null(link) || is.null(variance)) return(NULL)
  list(is_callback = FALSE, variance = variance$name, theta = variance$theta, link = link$name, power = link$power)
}

native_link <- function(family) {
  name <- family$link
  if (!is.character(name) || length(name) != 1) return(NULL)
  power <- if (startsWith(name, "mu^")) environment(family$linkinv)$lambda
  reference <- cached_link(name, power)
  if (is.null(reference) || !is_same_code(family, reference, c("linkinv", "mu.eta"))) return(NULL)
  list(name = if (is.null(power)) name else "power", power = if (is.null(power)) 1 else power)
}

native_variance <- function(family) {
  theta <- if (startsWith(family$family, "Negative Binomial")) environment(family$variance)$.Theta
  if (!is.null(theta)) {
    genuine <- identical(body(family$variance), quote(mu + mu^2 / .Theta))
    return(if (genuine) list(name = "mu+mu^2/theta", theta = theta))
  }
  name <- if (family$family == "quasi") family$varfun else unname(native_families[family$family])
  if (is.null(name) || is.na(name) || !name %in% native_families) return(NULL)
  reference <- cached_family(family$family, name)
  if (!is_same_code(family, reference, c("variance", "dev.resids"))) return(NULL)
  list(name = name, theta = 0)
}

# A family whose functions somebody has replaced must be called back.
is_same_code <- function(family, reference, names) {
  all(vapply(names, function(name) identical(body(family[[name]]), body(reference[[name]])), NA))
}

reference_cache <- new.env(parent = emptyenv())

cached <- function(key, make) {
  if (is.null(reference_cache[[key]])) assign(key, make(), envir = reference_cache)
  reference_cache[[key]]
}

cached_link <- function(name, power) {
  if (!is.null(power)) return(cached(paste("power", name), function() stats::power(power)))
  if (!name %in% cached("known models", known_models_impl)$links) return(NULL)
  cached(paste("link", name), function() stats::make.link(name))
}

cached_family <- function(family, variance) {
  cached(paste("family", family, variance), function() {
    if (family != "quasi") return(get(family, envir = asNamespace("stats"))())
    do.call(stats::quasi, list(variance = variance))  # quasi() looks at the expression
  })
}

is_binomial <- function(family) family$family %in% c("binomial", "quasibinomial")
