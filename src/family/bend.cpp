#include "bend.h"

#include "barrier_model.h"
#include "feasibility_model.h"
#include "named_list.h"

namespace glmpp {

namespace {

using Maker = std::unique_ptr<RowModel> (*)(const RowModel&, const Bend&);

std::unique_ptr<RowModel> leave(const RowModel&, const Bend&) { return nullptr; }

std::unique_ptr<RowModel> raise_barrier(const RowModel& model, const Bend& bend) {
  return std::make_unique<BarrierModel>(model, bend.height);
}

std::unique_ptr<RowModel> seek_feasible(const RowModel& model, const Bend& bend) {
  return std::make_unique<FeasibilityModel>(model.valid_range(), bend.target, bend.target_weight);
}

const NamedList<Maker> bends = {
    {"none", leave}, {"barrier", raise_barrier}, {"feasibility", seek_feasible}};

}  // namespace

std::unique_ptr<RowModel> bend_model(const RowModel& model, const Bend& bend) {
  return find_named(bends, bend.kind, "bend")(model, bend);
}

}  // namespace glmpp
