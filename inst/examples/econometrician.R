# An econometrician: trade by gravity (simulated), Poisson pseudo-maximum likelihood with exporter and importer effects
# and clustered standard errors.
library(glmpp)
set.seed(1)
countries <- sprintf("c%02d", 1:40)
trade <- expand.grid(exporter = factor(countries), importer = factor(countries), year = factor(2001:2003))
trade <- trade[trade$exporter != trade$importer, ]
size <- setNames(rnorm(40), countries)
distance <- matrix(rexp(1600, 1 / 3) + 0.5, 40, dimnames = list(countries, countries))
trade$distance <- distance[cbind(as.character(trade$exporter), as.character(trade$importer))]
trade$agreement <- rbinom(nrow(trade), 1, 0.2)
mean_flow <- exp(1 + size[trade$exporter] + size[trade$importer] - 0.8 * log(trade$distance) + 0.3 * trade$agreement)
trade$flow <- mean_flow * rlnorm(nrow(trade), -0.5, 1)
trade$pair <- interaction(trade$exporter, trade$importer, drop = TRUE)

# Flows are no counts: quasipoisson has the estimates of poisson, and says nothing of them.
ppml <- glmpp(flow ~ log(distance) + agreement + exporter + importer + year, quasipoisson, trade)
shown <- c("log(distance)", "agreement")
by_pair <- vcov(ppml, type = "HC1", cluster = ~ pair)
two_way <- vcov(ppml, type = "HC1", cluster = ~ exporter + importer)
print(cbind(estimate = coef(ppml)[shown], clustered = sqrt(diag(by_pair)[shown]), two_way = sqrt(diag(two_way)[shown])))
print(utils::head(confint(ppml, shown, method = "wald", vcov = ~ pair)))

# Are the year effects needed? A Wald test with the same clusters.
print(drop1(ppml, ~ year, vcov = ~ pair))

# A binary outcome: average marginal effects, clustered too.
trade$large <- as.numeric(trade$flow > stats::median(trade$flow))
probit <- glmpp(large ~ log(distance) + agreement + year, binomial("probit"), trade)
effects <- average_effects(probit, c("distance", "agreement"), vcov = ~ pair)
print(effects)
